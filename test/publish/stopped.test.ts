import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import type { Plan } from "../../src/model/plan.ts";
import { sha256OfFile } from "../../src/output/output-folder.ts";
import { type Ended, voxshard } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted, phantomRepo } from "./phantom-output.ts";
import { AT_ONCE, ID, straight } from "./straight.ts";
import { startWritableHub, type WritableHub } from "./writable-hub.ts";

const root = temporaryFolder("stopped");
let out: string;
let plan: Plan;
before(async () => {
  out = path.join(root, "out");
  plan = await converted(out, await phantomRepo(root));
});

/** The store stops to answer after so many files. */
const stuckAfter = (files: number) => ({
  route: "*",
  method: "PUT",
  nth: Array.from({ length: AT_ONCE }, (_, at) => files + at + 1),
  do: { kind: "stall" as const },
});

for (const [signal, code] of [
  ["SIGKILL", null],
  ["SIGINT", 75],
] as const) {
  test(`${signal} at half the bytes: the rest is sent by the next run, and no more`, async () => {
    const hub = await startWritableHub();
    const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" };
    const half = Math.ceil(plan.shards.length / 2);
    hub.faults.push(stuckAfter(half));
    const stopped = await voxshard(["publish", out, ID], env, {
      signal,
      when: () => hub.count("PUT") >= half + AT_ONCE,
    });
    assert.equal(stopped.code, code, stopped.stderr);
    if (code !== null) assert.match(stopped.stderr, /the same command goes on/);
    assert.deepEqual([...hub.repo(ID).at("main").entries.keys()], [".gitattributes"], "nothing is seen of it yet");
    hub.faults.length = 0;
    const before = hub.received();
    const again = await voxshard(["publish", out, ID, "--json"], env);
    assert.equal(again.code, 0, again.stderr);
    await assertThere(hub);
    const total = (await bytesOf(hub)) as number;
    assert.ok(before >= total * 0.4, `${before} of ${total} bytes before`);
    assert.ok(hub.received() - before <= total * 0.6, `${hub.received() - before} of ${total} bytes sent again`);
    assert.equal((JSON.parse(again.stdout) as { commits: number }).commits, 1);
    await hub.close();
  });
}

const bytesOf = (hub: WritableHub) =>
  [...hub.repo(ID).at("main").entries.values()].reduce((sum, { size }) => sum + size, 0);

async function assertThere(hub: WritableHub): Promise<void> {
  const { entries } = hub.repo(ID).at("main");
  for (const name of [...plan.shards.map((shard) => shard.path), "index.parquet"])
    assert.equal(entries.get(name)?.lfs?.sha256, await sha256OfFile(path.join(out, name)), name);
}

const data = (work: string) => readdir(path.join(work, "out", "data"));
const published = ({ stdout }: Ended) => JSON.parse(stdout) as { peakDiskBytes: number; made: number; commits: number };

test("straight through: the same data set, little disk, nothing left", async () => {
  const { hub, env, args, work } = await straight(root);
  const run = await voxshard(args, env);
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(await data(work), []);
  assert.ok(published(run).peakDiskBytes <= 1_500_000);
  const [two, one] = [path.join(work, "two"), hub.repo(ID).at("main").entries];
  await converted(two, "phantoms/M3D-Cap", { endpoint: hub.endpoint });
  const steps = await voxshard(["publish", two, "me/two-steps"], env);
  assert.equal(steps.code, 0, steps.stderr);
  const other = hub.repo("me/two-steps").at("main").entries;
  assert.deepEqual([...one.keys()], [...other.keys()]);
  for (const [name, { lfs }] of one) assert.equal(lfs?.sha256, other.get(name)?.lfs?.sha256, name);
  const card = (id: string) => hub.textOf(hub.repo(id).at("main"), "README.md")?.replaceAll(id, "");
  assert.equal(card(ID), card("me/two-steps"));
  await hub.close();
});

test("straight through, killed: what was sent is not made again", async () => {
  const { hub, env, args, work } = await straight(root);
  hub.faults.push({ ...stuckAfter(6), nth: 7 });
  await voxshard(args, env, { signal: "SIGKILL", when: () => hub.count("PUT") >= 7 });
  hub.faults.length = 0;
  const before = hub.received();
  const run = await voxshard(args, env);
  assert.equal(run.code, 0, run.stderr);
  assert.ok(published(run).made <= plan.shards.length - 6, `${published(run).made} made again`);
  assert.ok(hub.received() - before < (bytesOf(hub) * 2) / 3);
  assert.deepEqual(await data(work), []);
  const again = await voxshard(args, env);
  assert.deepEqual([published(again).made, published(again).commits], [0, 0]);
  await hub.close();
});

test("straight through into a store that lost what was sent: it is made and sent again", async () => {
  const { hub, env, args, work } = await straight(root);
  hub.faults.push({ ...stuckAfter(3), nth: 4 });
  await voxshard(args, env, { signal: "SIGKILL", when: () => hub.count("PUT") >= 4 });
  await hub.close();
  const other = await startWritableHub({ dir: path.join(root, "phantoms"), repo: "phantoms/M3D-Cap" });
  const run = await voxshard(args, { ...env, HF_ENDPOINT: other.endpoint });
  assert.equal(run.code, 0, run.stderr);
  const { entries } = other.repo(ID).at("main");
  assert.deepEqual(
    plan.shards.map((shard) => shard.path).filter((name) => !entries.has(name)),
    [],
  );
  assert.deepEqual(await data(work), []);
  await other.close();
});

test("a bound on the disk that no shard fits in is refused beforehand", async () => {
  const { hub, env, args } = await straight(root);
  const run = await voxshard(
    args.map((one) => (one === "1500kB" ? "200kB" : one)),
    env,
  );
  assert.equal(run.code, 64, run.stderr);
  assert.match(run.stderr, /--max-disk 200000.*smaller --shard-size/);
  await hub.close();
});
