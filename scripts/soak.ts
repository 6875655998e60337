import { parseArgs } from "node:util";
import { emptyTally, Lane } from "./soak/lane.ts";
import { scheduleOf } from "./soak/schedule.ts";
import { kinds } from "./soak/work.ts";

// Random faults and kills over the miniature Hub; each conversion must end in the very bytes of an undisturbed one.
const text = { type: "string" } as const;
const options = { schedules: text, seed: text, lanes: text, kinds: text } as const;
const { schedules = "300", seed = "1", lanes = "3", kinds: given = "convert" } = parseArgs({ options }).values;
const wanted = given.split(",").map((name) => {
  const kind = kinds.find((one) => one === name);
  if (!kind) throw new RangeError(`--kinds ${given}: choose of ${kinds.join(",")}`);
  return kind;
});
const tally = emptyTally();
const started = Date.now();
let next = 0;
let most = Number(schedules);
// Ctrl-C ends it early, with the counts so far.
process.once("SIGINT", () => {
  most = 0;
});

async function lane(): Promise<void> {
  const own = await Lane.open(tally);
  for (let at = next++; at < most; at = next++) {
    await own.run(scheduleOf(Number(seed), at, wanted[at % wanted.length]));
    process.stderr.write(`\r${tally.schedules}/${schedules} schedules, ${tally.differences.length} differences`);
  }
  await own.close();
}
await Promise.all(Array.from({ length: Number(lanes) }, lane));

const { differences, ...counts } = tally;
const seconds = Math.round((Date.now() - started) / 1000);
process.stderr.write("\n");
for (const [name, value] of Object.entries({ ...counts, differences: differences.length, seconds }))
  for (const [kind, number] of typeof value === "number" ? [["", value] as const] : Object.entries(value).sort())
    process.stderr.write(`${`${name} ${kind}`.padEnd(32)}${String(number).padStart(8)}\n`);
process.stdout.write(
  `${JSON.stringify({ seed: Number(seed), kinds: wanted, ...counts, differences: differences.length, seconds })}\n`,
);
process.exitCode = differences.length === 0 ? 0 : 1;
