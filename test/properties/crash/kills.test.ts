import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Files } from "../determined-files.ts";
import { assertAsReference, assertNothingHalf, Site } from "./site.ts";

let site: Site;
let reference: Files;
/** What an undisturbed run reads, and in how many steps it changes its folder. */
let total: { bytes: number; steps: number };
before(async () => {
  site = await Site.make();
  reference = await site.reference();
  const { cdnBytes } = site.hub.counters();
  total = { bytes: cdnBytes, steps: statSync(site.stepsOf(path.join(site.root, "schedule-0", "out"))).size };
});
after(() => site.close());

const KILLS = 12;

async function goesOn(out: string): Promise<void> {
  const finished = await assertNothingHalf(out, reference);
  const again = await site.convert({ out });
  assert.equal(again.code, 0, again.stderr);
  const { made, shards } = JSON.parse(again.stdout) as { made: number; shards: number };
  assert.equal(made, shards - finished.size, "finished shards are not made again");
  await assertAsReference(out, reference, finished);
}

for (let kill = 1; kill <= KILLS; kill++)
  test(`SIGKILL at ${kill}/${KILLS} of the bytes: the next run ends as if nothing had been`, async () => {
    const out = path.join(await site.folder(), "out");
    site.atByte(Math.floor((kill / KILLS) * total.bytes), () => site.runs.signal("SIGKILL"));
    const killed = await site.convert({ out });
    site.hub.faults.length = 0;
    assert.equal(killed.code, "killed");
    await goesOn(out);
  });

const STEPS = 7;
for (let kill = 0; kill < STEPS; kill++)
  test(`SIGKILL at step ${kill + 1}/${STEPS} of those that change the folder, bytes half written`, async (t) => {
    const out = path.join(await site.folder(), "out");
    // The last steps are where the folder is nearly done; odd strides meet every kind of step.
    const at = total.steps - Math.floor((kill / STEPS) * total.steps);
    const killed = await site.convert({ out, steps: { at, do: "kill" } });
    t.diagnostic(`step ${at} of ${total.steps}: ${readFileSync(`${site.stepsOf(out)}.at`, "utf8")}`);
    assert.equal(killed.code, "killed");
    await goesOn(out);
  });
