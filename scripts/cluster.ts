import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { randomFrom, shuffled } from "../devkit/phantoms/random.ts";
import { Cluster, lacking, until } from "../devkit/slurm/cluster.ts";
import { type ClusterFaultName, clusterFaults, landed } from "../devkit/slurm/faults.ts";
import { Field } from "../devkit/slurm/victim.ts";
import { planOf } from "../src/output/output-folder.ts";
import { statusOf } from "../src/output/status.ts";
import { readmeBlock, Stage } from "../test/engines/stage.ts";
import { filesOf } from "../test/properties/determined-files.ts";

// The README's lines for Slurm on many shards, on a cluster of four nodes of this machine's own, with faults drawn by a seed until
// nearly all is made; then every byte is held against one convert.
const options = { shards: { type: "string" }, seed: { type: "string" }, "per-task": { type: "string" } } as const;
const { shards = "2000", seed = "1", "per-task": perTask = "8" } = parseArgs({ options }).values;
/** No fault is begun once fewer are missing, for each must find a task that runs. */
const LAST = 0.15;
/** Series of an archive. */
const ARCHIVE = 100;

const without = lacking();
if (without.length > 0) throw new Error(`${without.join(", ")}: not installed`);
const stage = await Stage.make({
  archives: Math.ceil(Number(shards) / ARCHIVE),
  casesPerArchive: ARCHIVE / 2,
  drawn: 4,
});
const cluster = await Cluster.up({ nodes: 4, cpus: 4 });
const say = (line: string) => process.stderr.write(`${line}\n`);
const met: Partial<Record<ClusterFaultName, number>> = {};

try {
  const reference = await stage.reference();
  say(`reference: ${Object.keys(reference).length} files`);
  const started = Date.now();
  const shell = await stage.shell(
    await readmeBlock("--engine slurm"),
    `--shards-per-task ${perTask} --workers 1`,
    cluster.env,
  );
  await until("the submission", async () => assert.match(shell.said(), /scancel --name/), 600);
  const ended = shell.end.then(({ code, stderr }) => assert.equal(code, 0, stderr));
  await Promise.all([ended, faults(shell.end.then(() => {}))]);
  const right = stage.published("me/reference");
  await until("the data set", async () => assert.deepEqual(stage.published("me/m3d"), right), 600);
  const seconds = Math.round((Date.now() - started) / 1000);
  const made = await filesOf(stage.out);
  const differing = [...new Set([...Object.keys(made), ...Object.keys(reference)])].filter(
    (name) => made[name] !== reference[name],
  );
  const status = await statusOf(stage.out, await planOf(stage.out), 120_000);
  const { attempts, fetched } = status;
  const count = Object.values(met).reduce((sum, one) => sum + one, 0);
  const requests = Number(((fetched.requests / attempts) * Number(perTask)).toFixed(1));
  const table = {
    seed: Number(seed),
    shards: status.shards,
    done: status.done,
    attempts,
    seconds,
    faults: count,
    met,
    requestsPerTask: requests,
  };
  process.stdout.write(`${JSON.stringify({ ...table, files: Object.keys(made).length, differing })}\n`);
  process.exitCode = differing.length === 0 ? 0 : 1;
} finally {
  await cluster.down();
  await stage.close();
}

/** Round after round, each of three nodes meets a fault of its own; sometimes the controller is gone before. */
async function faults(end: Promise<void>): Promise<void> {
  const random = randomFrom(`cluster ${seed}`);
  const scene = { cluster, field: new Field(stage.out), full: stage.full() };
  const names = (Object.keys(clusterFaults) as ClusterFaultName[]).filter((name) => name !== "controller killed");
  // Drawn without putting back: each kind comes before one comes again.
  let deck: ClusterFaultName[] = [];
  const late: Promise<void>[] = [];
  let isOver = false;
  const over = end.then(() => {
    isOver = true;
  });
  const meet = async (name: ClusterFaultName, node: string) => {
    const found = await landed(name, scene, node).catch((error: Error) => error);
    // The last tasks may be gone before it could meet one.
    if (found instanceof Error && !isOver) say(`${name} on ${node}: ${found.message}`);
    if (found instanceof Error) return;
    met[name] = (met[name] ?? 0) + 1;
    say(`${name}: ${found}`);
  };
  while (!isOver && (await missing()) > LAST) {
    const [first, ...nodes] = shuffled(cluster.nodes, random);
    if (random() < 0.5) await meet("controller killed", first!);
    const round = new Set<ClusterFaultName>();
    while (round.size < nodes.length) {
      if (deck.length === 0) deck = shuffled(names, random);
      round.add(deck.pop()!);
    }
    const all = [...round].map((name, at) => ({ name, ended: meet(name, nodes[at]!) }));
    // What was cancelled comes back after the last task, not in this round.
    late.push(...all.filter(({ name }) => name === "cancelled").map(({ ended }) => ended));
    const waited = Promise.all(all.filter(({ name }) => name !== "cancelled").map(({ ended }) => ended));
    await Promise.race([waited, over.then(() => wait(60_000, undefined, { ref: false }))]);
  }
  await Promise.all(late);
}

/** The share of the shards that is. */
async function missing(): Promise<number> {
  const plan = await planOf(stage.out).catch(() => undefined);
  if (!plan) return 1;
  const { shards: all, done } = await statusOf(stage.out, plan, 120_000);
  return (all - done) / all;
}
