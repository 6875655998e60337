import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan, PlannedRow } from "../../src/model/plan.ts";
import { machineCounts } from "../../src/plan/machine-counts.ts";

/** A plan as far as its size goes: series of 200 slices and so many MB, in the order of their archives. */
function sized({ series = 1, shards = 1, archives = 1, MB = 8, kind = "hub" }): Plan {
  const rows = Array.from({ length: series }, (_, at) => ({
    archive: Math.floor((at * archives) / series),
    slices: 200,
  }));
  const cut = (shard: number) => Math.floor((shard * series) / shards);
  return {
    source: { kind },
    rows: rows as PlannedRow[],
    shards: Array.from({ length: shards }, (_, shard) => ({ first: cut(shard), end: cut(shard + 1) })),
    fetch: { bytes: series * MB * 1e6 },
  } as Plan;
}

test("the whole data set: hours on one machine, minutes on many, and more of them help no more", () => {
  const { counts, most, proposal, hub } = machineCounts(sized({ series: 120_000, shards: 2038, archives: 83 }));
  const [one] = counts;
  assert.deepEqual([one!.machines, one!.bound], [1, "decoding"]);
  // 231 ms a series on two cores, and a second to begin each task.
  assert.ok(Math.abs(one!.seconds - (120_000 * 0.231) / 2 - proposal.tasks) < 2, `${one!.seconds} s`);
  const seconds = counts.map((count) => count.seconds);
  assert.deepEqual(
    seconds,
    [...seconds].sort((a, b) => b - a),
  );
  assert.deepEqual([counts.at(-1)!.machines, proposal.width], [most, most]);
  assert.ok(most > 50 && most <= proposal.tasks, `${most} of ${proposal.tasks}`);
  assert.equal(proposal.tasks, Math.ceil(2038 / proposal.shardsPerTask));
  // Each task needs the addresses of its own archives alone.
  assert.ok(hub!.resolves >= 83 && hub!.resolves <= 83 + proposal.tasks, `${hub!.resolves}`);
  assert.deepEqual(hub!.leastSeconds, { anonymous: 0, free: 0, pro: 0, team: 0 });
});

test("large series wait for the link; what is done in a minute or two is for one machine", () => {
  assert.equal(machineCounts(sized({ series: 1000, shards: 100, MB: 100 })).counts[0]!.bound, "link");
  const small = machineCounts(sized({ series: 100, shards: 5 }));
  assert.deepEqual([small.most, small.proposal], [1, { shardsPerTask: 5, tasks: 1, width: 1 }]);
  assert.equal(machineCounts(sized({ series: 100, kind: "local" })).hub, null);
  assert.equal(machineCounts(sized({ series: 0, shards: 0 })).most, 1);
});

test("where addresses are many, the Hub's window holds all machines back, by the account", () => {
  // An archive a series: as many addresses as series.
  const { counts, most, hub } = machineCounts(sized({ series: 12_000, shards: 1200, archives: 12_000 }));
  assert.deepEqual(hub, { resolves: 12_000, leastSeconds: { anonymous: 900, free: 600, pro: 0, team: 0 } });
  const last = counts.at(-1)!;
  assert.deepEqual([last.machines, last.seconds, last.bound], [most, 600, "hub"]);
});
