import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { DirectoryCache } from "../../src/catalogue/directories.ts";
import { fetchGroups } from "../../src/plan/fetch-groups.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import type { Outcome } from "../../src/series/executor.ts";
import { inline } from "../../src/series/inline.ts";
import { type OutcomeTools, ShardOutcomes } from "../../src/series/shard-outcomes.ts";
import { openSource } from "../../src/source/open-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const REPO = "phantoms/M3D-Cap";
const folder = temporaryFolder("outcomes");
let hub: Hub;
let tools: OutcomeTools;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  const small = { archives: 3, casesPerArchive: 2, seriesPerCase: 2, slices: 6, height: 32, width: 32 };
  await writePhantomRepo(path.join(folder, "repo"), small);
  hub = await startHub({ dir: path.join(folder, "repo"), repo: REPO });
  const source = await openSource(REPO, { endpoint: hub.endpoint });
  const { plan } = await planConversion(source, { output: { volume: "native", preview: false, shardBytes: 10_000 } });
  assert.ok(plan.shards.length >= 4, `${plan.shards.length} shards`);
  tools = { plan, source, directories: new DirectoryCache(source), executor: inline() };
});
after(async () => {
  await tools.source.close();
  await hub.close();
});

const idsOf = (shard: number) => {
  const { first, end } = tools.plan.shards[shard]!;
  return tools.plan.rows.slice(first, end).map(({ id }) => id);
};
const ids = async (outcomes: AsyncIterable<Outcome>) => {
  const found: string[] = [];
  for await (const one of outcomes) found.push(one.ok ? one.built.row.id : one.reject.id);
  return found;
};
const rangesOf = (shard: number) =>
  fetchGroups(tools.plan.rows, tools.plan.shards[shard]!).flatMap(({ ranges }) =>
    ranges.map(({ start, end }) => `bytes=${start}-${end - 1}`),
  );

test("while a shard is written the next one is read, each range once, and none of a shard that is there", async () => {
  hub.resetLog();
  const outcomes = new ShardOutcomes(tools, async (shard) => shard !== 1);
  assert.deepEqual(await ids(outcomes.of(0)), idsOf(0));
  const asked = () => hub.log.filter(({ route }) => route === "cdn").map(({ range }) => range);
  // Nobody asks for shard 2 yet; the requests for it come all the same.
  for (let left = 100_000; left > 0 && !asked().includes(rangesOf(2)[0]); left--) await turn();
  assert.ok(asked().includes(rangesOf(2)[0]), `${asked()}`);
  assert.deepEqual(await ids(outcomes.of(2)), idsOf(2));
  await outcomes.close();
  const sorted = asked().sort();
  assert.deepEqual(sorted, [...new Set(sorted)]);
  for (const range of rangesOf(1)) assert.ok(!sorted.includes(range), range);
});

test("a shard that was not expected, and one that was left in the middle, come whole", async () => {
  const outcomes = new ShardOutcomes(tools, async (shard) => shard !== 1);
  assert.deepEqual(await ids(outcomes.of(0)), idsOf(0));
  assert.deepEqual(await ids(outcomes.of(1)), idsOf(1));
  for await (const _ of outcomes.of(2)) break;
  assert.deepEqual(await ids(outcomes.of(2)), idsOf(2));
  assert.deepEqual(await ids(outcomes.of(0)), idsOf(0));
  await outcomes.close();
});
