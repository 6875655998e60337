import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { consequences, isFault } from "../../../src/errors.ts";
import { ATTEMPTS, type Ended, PhantomFolder } from "./published.ts";
import { told } from "./rows.ts";
import { type WriteReaction, type WriteRoute, type WriteRow, writeRoutes, writeTable } from "./writing-table.ts";

/** Rows that have to wait in earnest; coarse timers make up to a second of it. */
const STALL_MS = 300;

let folder: PhantomFolder;
let calm: Ended;
before(async () => {
  folder = await PhantomFolder.make();
  calm = await folder.published();
  assert.equal(calm.error, undefined);
  for (const route of writeRoutes) assert.ok(count(calm, route) > 0, `${route} is in use`);
});
after(() => folder.remove());

for (const row of writeTable)
  for (const route of writeRoutes) {
    const reaction = row.on[route];
    if (reaction === undefined) continue;
    test(`${route}: ${row.name}: ${told(reaction)}`, async () => {
      const stalls = row.do.kind === "stall" || row.do.kind === "deaf";
      const faults = [{ route, do: row.do, ...(row.strikes === "once" ? { nth: 1 } : {}) }];
      const ended = await folder.published(faults, stalls ? STALL_MS : undefined);
      assert.ok(struck(ended) > 0, "the fault was put in");
      if (typeof reaction === "object") checkStopped(reaction.stop, row, ended);
      else check(reaction, route, ended);
      if (typeof reaction === "string" && reaction.includes("wait"))
        assert.ok(ended.waits.includes(8000) && ended.waits.every((ms) => ms <= 8000), `${ended.waits}`);
    });
  }

/** More requests than without the fault: so many of its route, and those that the reaction needs. */
function check(reaction: Exclude<WriteReaction, object>, route: WriteRoute, ended: Ended): void {
  if (ended.error !== undefined) throw ended.error;
  assert.deepEqual(ended.files, calm.files);
  const moved = ended.log.some(({ faults }) => faults.includes("move-branch"));
  assert.equal(ended.commits, calm.commits + (moved ? 1 : 0), "one commit, however often it was asked for");
  const more = (name: string) => count(ended, name) - count(calm, name);
  const asked = reaction.startsWith("ask") ? 1 : 0;
  const looked = reaction.startsWith("look") ? 1 : 0;
  const anew = reaction === "new link";
  if (!anew) {
    assert.equal(more(route) - (route === "lfs-batch" ? asked : 0), reaction.endsWith("retry") ? 1 : 0);
    assert.equal(more("lfs-batch") - (route === "lfs-batch" ? 1 : 0) * (reaction.endsWith("retry") ? 1 : 0), asked);
    assert.deepEqual([more("revision"), more("tree")], [looked, looked]);
  }
  // The Hub is asked what is there by now: with it goes what was under way, and nothing that was done.
  if (anew) assert.ok(more("lfs-batch") >= 1 && more("lfs-batch") <= 2, `${more("lfs-batch")} batches`);
}

function checkStopped(
  kind: keyof typeof consequences,
  row: WriteRow,
  { error, commits, healed, waits, log }: Ended,
): void {
  assert.ok(isFault(error, kind), String(error));
  assert.equal(error.exitCode, consequences[kind].exitCode);
  assert.ok(commits <= 1, `${commits}: nothing is seen of it`);
  assert.ok(
    waits.every((ms) => ms <= 3_601_000),
    "nobody waits for hours",
  );
  const most = Math.max(
    ...writeRoutes.map((route) => log.filter((one) => one.route === route && one.faults.length > 0).length),
  );
  assert.ok(most <= ATTEMPTS * 8, `${row.name}: ${most} requests`);
  assert.deepEqual(healed, calm.files, "the same command goes on");
}

const count = ({ log }: Ended, route: string) => log.filter((one) => one.route === route).length;
const struck = ({ log }: Ended) => log.filter(({ faults }) => faults.length > 0).length;
