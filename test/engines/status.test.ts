import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { AttemptLine } from "../../src/model/attempt.ts";
import { attemptPath } from "../../src/output/layout.ts";
import { planOf } from "../../src/output/output-folder.ts";
import { statusOf } from "../../src/output/status.ts";
import { planHash } from "../../src/plan/plan-hash.ts";
import { voxshard } from "../command.ts";
import { Site } from "../properties/crash/site.ts";

let site: Site;
before(async () => {
  site = await Site.make();
});
after(() => site.close());

/** Times are seconds of this minute. */
const epoch = Date.parse("2026-01-01T00:00:00Z");
const at = (second: number) => new Date(epoch + second * 1000).toISOString();

/** A folder of 8 shards, the first two of them made, and logs as tasks would have left them. */
async function folderWith(logs: readonly (readonly [shard: number, host: string, ...lines: object[]])[]) {
  const out = path.join(await site.folder(), "out");
  const start = (args: readonly string[]) => voxshard(args, site.env({ out }));
  const [, ...args] = site.args({ out });
  args.splice(args.indexOf("--workers"), 2);
  assert.equal((await start(["plan", ...args])).code, 0);
  assert.equal((await start(["run", "--plan", path.join(out, ".voxshard/plan.json"), "--shards", "0-1"])).code, 0);
  const plan = await planOf(out);
  // Those attempts are of now, the others of a minute long past.
  await rm(path.join(out, ".voxshard/attempts"), { recursive: true });
  for (const [number, [shard, host, ...lines]] of logs.entries()) {
    const file = attemptPath(out, shard, host, 1_000_000 + number);
    const job = `7_${shard}`;
    const begin = {
      event: "start",
      version: 1,
      planHash: planHash(plan),
      shard,
      host,
      pid: 1,
      job,
      log: `/logs/${job}`,
    };
    await mkdir(path.dirname(file), { recursive: true });
    const all = [{ ...begin, ...lines[0] }, ...lines.slice(1)].map((line) => AttemptLine.parse(line));
    await writeFile(file, `${all.map((line) => JSON.stringify(line)).join("\n")}\n{"event":"be`);
  }
  return { out, plan, status: (args: readonly string[]) => start(["status", out, ...args]) };
}

const beat = (second: number) => ({ event: "beat", at: at(second), series: 3, requests: 5, bytes: 70 });
const end = (second: number, exitCode: number, more: object = {}) => {
  const result = {
    seconds: 1,
    exitCode,
    kind: null,
    reason: null,
    rows: 0,
    rejects: 0,
    requests: 2,
    bytes: 10,
    peakBytes: 1,
  };
  return { event: "end", at: at(second), ...result, ...more };
};
const limited = { kind: "rate-limited", reason: "owner/name: 429" };

test("each missing shard is running, failed, lost or not begun, by its last attempt", async () => {
  const { out, plan } = await folderWith([
    [2, "n1", { at: at(0) }, beat(30), beat(60)],
    [3, "n1", { at: at(0) }, end(5, 75, limited)],
    [3, "n2", { at: at(10) }, end(20, 65, { kind: "other-bytes", reason: "a.zip: other bytes" })],
    [4, "n2", { at: at(0) }, beat(30)],
    // Failed on one node, and running on another.
    [5, "n1", { at: at(1) }, end(2, 75, limited)],
    [5, "n3", { at: at(50) }],
    // Failed again by itself after its node was thought to be gone.
    [6, "n2", { at: at(0) }],
    [6, "n3", { at: at(40) }, end(41, 75, limited)],
    // Made, and taken away: to be made as if it had never been.
    [7, "n1", { at: at(0) }, end(1, 75, limited)],
    [7, "n1", { at: at(2) }, end(3, 0)],
  ]);
  const status = await statusOf(out, plan, 30_000, epoch + 70_000);
  const shards = (tries: readonly { shard: number }[]) => tries.map(({ shard }) => shard);
  assert.deepEqual([status.shards, status.done, status.waiting], [8, 2, 1]);
  assert.deepEqual([shards(status.running), shards(status.failed), shards(status.lost)], [[2, 5], [3, 6], [4]]);
  const [third] = status.failed;
  assert.deepEqual([third!.reason, third!.log, third!.tries], ["a.zip: other bytes", "/logs/7_3", 2]);
  assert.deepEqual([status.running[0]!.series, status.running[0]!.bytes], [3, 70]);
  assert.ok(status.rows > 0 && status.bytes > 0);
  const later = await statusOf(out, plan, 30_000, epoch + 90_000);
  assert.deepEqual([shards(later.running), shards(later.lost)], [[2], [4, 5]]);
});

test("rate and time left are those of the last ten minutes", async () => {
  const { out, plan } = await folderWith([
    [0, "n1", { at: at(-5000) }, end(-4000, 0, { rows: 10 })],
    [0, "n1", { at: at(0) }, end(50, 0, { rows: 10 })],
    [1, "n1", { at: at(50) }, end(100, 0, { rows: 20 })],
    [2, "n1", { at: at(90) }],
  ]);
  const { rate, secondsLeft } = await statusOf(out, plan, 30_000, epoch + 100_000);
  assert.ok(Math.abs(rate!.shardsPerHour - 72) < 1e-9, `${rate!.shardsPerHour}`);
  assert.ok(Math.abs(rate!.rowsPerSecond - 0.3) < 1e-9);
  assert.equal(secondsLeft, 300);
  const idle = await statusOf(out, plan, 1_000, epoch + 100_000 + 700_000);
  assert.deepEqual([idle.running, idle.secondsLeft], [[], null]);
});

test("the command says it in lines and as JSON; --watch ends when the last shard is there", async () => {
  const { out, status } = await folderWith([
    [3, "n1", { at: at(0) }, end(5, 77, { kind: "not-allowed", reason: "gated" })],
  ]);
  const text = (await status([])).stdout;
  assert.match(text, /^2 of 8 shards: 0 running, 1 failed, 0 lost, 5 not begun/);
  assert.match(text, /^failed 3: exit 77, gated \(n1, 7_3, \/logs\/7_3\)$/m);
  const watching = status(["--watch", "--json"]);
  const made = await voxshard(["submit", out, "--engine", "local"], site.env({ out }));
  assert.equal(made.code, 0, made.stderr);
  const watched = await watching;
  assert.equal(watched.code, 0, watched.stderr);
  const { done, running, failed } = JSON.parse(watched.stdout);
  assert.deepEqual([done, running, failed], [8, [], []]);
  assert.match(watched.stderr, /failed 3: exit 77/);
});
