import { stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { receiptPath } from "../../src/output/layout.ts";
import { type Cluster, until } from "./cluster.ts";
import { isAlive, isPending } from "./processes.ts";
import { endOfVictim, type Field, thaw, type Victim } from "./victim.ts";

/** Where a fault is injected. `full` are the variables under which a task finds its disk full. */
export interface Scene {
  readonly cluster: Cluster;
  readonly field: Field;
  readonly full: Readonly<Record<string, string>>;
  /** Told of an attempt whose node is gone, before Slurm knows. */
  readonly onLost?: (victim: Victim) => Promise<void>;
}

/** Injects a fault into a task that runs on this node, and gives what shows that it was met there, or undefined if it missed. */
type ClusterFault = (scene: Scene, node: string) => Promise<string | undefined>;

const SIGTERM = 15;

/** Everything on the node is gone; the controller notices, and another node has its tasks. */
async function powerCut({ cluster, field, onLost }: Scene, node: string) {
  const victim = await field.freeze(node);
  await cluster.cutPower(node);
  await onLost?.(victim);
  await cluster.bringBack(node);
  const other = await later({ cluster, field }, victim);
  return `shard ${victim.shard} was cut off on ${node} and made on ${other.host}`;
}

/** The node's daemon is gone and its tasks live on: Slurm runs them a second time, at the same time. */
async function twoAtOnce({ cluster, field }: Scene, node: string) {
  const victim = await field.freezeWriting(node);
  cluster.killDaemon(node);
  const other = await later({ cluster, field }, victim);
  const receipt = receiptPath(field.out, victim.shard);
  const before = await stat(receipt);
  thaw(victim);
  const end = await until(`the end of ${victim.file}`, () => defined(endOfVictim(victim)));
  await cluster.bringBack(node);
  if (end.exitCode !== 0 || (await stat(receipt)).ino === before.ino) return undefined;
  return `shard ${victim.shard} was made on ${other.host} and, begun before, once more on ${node}`;
}

async function killed({ cluster, field }: Scene, node: string) {
  const victim = await field.freeze(node);
  process.kill(victim.pid, "SIGKILL");
  const other = await later({ cluster, field }, victim);
  // The same task: its own script has put it in the queue again.
  if ((await endOfVictim(victim)) || other.job !== victim.job) return undefined;
  return `shard ${victim.shard} was killed on ${node} and made by the same task of job ${other.job}`;
}

/** What preemption does. */
async function requeued({ cluster, field }: Scene, node: string) {
  const victim = await field.freeze(node);
  await cluster.run("scontrol", "requeue", victim.job!);
  return dropped({ cluster, field }, victim, "requeued");
}

/** The task's script is told that its time is nearly up, tells its process, and asks for another turn. */
async function timeLimit({ cluster, field }: Scene, node: string) {
  const victim = await field.freeze(node);
  await cluster.run("scontrol", "update", `JobId=${victim.job}`, "TimeLimit=1");
  await until(
    "the time limit's signal",
    async () => {
      if (!isPending(victim.pid, SIGTERM)) throw new Error("not yet");
    },
    120,
  );
  return dropped({ cluster, field }, victim, "out of time");
}

/** The disk is full for what runs on this node, until two attempts have met that. */
async function fullDisk({ cluster, field, full }: Scene, node: string) {
  await cluster.setVariables(node, full);
  const met: Victim[] = [];
  while (met.length < 2) {
    const victim = await field.freeze(node);
    thaw(victim);
    const end = await until(`the end of ${victim.file}`, () => defined(endOfVictim(victim)));
    if (end.kind === "disk-full") met.push(victim);
  }
  await cluster.setVariables(node, {});
  for (const victim of met) await later({ cluster, field }, victim);
  return `shards ${met.map(({ shard }) => shard)} met a full disk on ${node}, and were made once it had room`;
}

/** The controller is gone for a while; a task comes to its end meanwhile. */
async function controllerKilled({ cluster, field }: Scene, node: string) {
  const victim = await field.freeze(node);
  await cluster.killController();
  const isDown = await cluster.run("scontrol", "show", "config").then(
    () => false,
    () => true,
  );
  thaw(victim);
  const end = await until(`the end of ${victim.file}`, () => defined(endOfVictim(victim)));
  await wait(1000);
  await cluster.startController();
  for (const name of cluster.nodes) await cluster.resume(name);
  if (!isDown || end.exitCode !== 0) return undefined;
  return `shard ${victim.shard} was made on ${node} without a controller`;
}

/** Somebody ends one task, for good: only what comes after the last task can bring it back. */
async function cancelled({ cluster, field }: Scene, node: string) {
  const victim = await field.freeze(node);
  await cluster.run("scancel", victim.job!);
  await until(`${victim.file} without a process`, async () => {
    thaw(victim);
    if (isAlive(victim.pid)) throw new Error("not yet");
  });
  if ((await endOfVictim(victim))?.exitCode === 0) return undefined;
  const other = await later({ cluster, field }, victim, 7200);
  if (other.job?.split("_")[0] === victim.job!.split("_")[0]) return undefined;
  return `shard ${victim.shard} was cancelled in job ${victim.job} and submitted anew in ${other.job}`;
}

/** All that can befall a cluster, by name. */
export const clusterFaults = {
  "power cut": powerCut,
  "two at once": twoAtOnce,
  "kill -9": killed,
  requeue: requeued,
  "time limit": timeLimit,
  "full disk": fullDisk,
  "controller killed": controllerKilled,
  cancelled,
} as const satisfies Record<string, ClusterFault>;
export type ClusterFaultName = keyof typeof clusterFaults;

/** Injects a fault until it has met a task; gives what shows that. */
export async function landed(name: ClusterFaultName, scene: Scene, node: string): Promise<string> {
  const looking = setInterval(() => void scene.cluster.undrained(node).catch(() => {}), 2000);
  try {
    for (let round = 0; round < 10; round++) {
      const found = await clusterFaults[name](scene, node);
      if (found !== undefined) return found;
    }
  } finally {
    clearInterval(looking);
  }
  throw new Error(`${name}: missed ten times`);
}

/** The victim was told to stop: it drops its shard, and another attempt makes it. */
async function dropped(
  { cluster, field }: Pick<Scene, "cluster" | "field">,
  victim: Victim,
  what: string,
): Promise<string | undefined> {
  thaw(victim);
  const end = await until(`the end of ${victim.file}`, () => defined(endOfVictim(victim)));
  if (end.exitCode !== 75) return undefined;
  const other = await later({ cluster, field }, victim);
  return `shard ${victim.shard} was ${what} on ${victim.host} and made on ${other.host}`;
}

/** Another attempt at the victim's shard, which has made it. */
async function later({ cluster, field }: Pick<Scene, "cluster" | "field">, victim: Victim, seconds = 180) {
  const made = async () => (await field.others(victim)).find(({ end }) => end?.exitCode === 0);
  const hurry = setInterval(() => void cluster.hurry(victim.job!).catch(() => {}), 2000);
  try {
    return (await until(`shard ${victim.shard} made`, () => defined(made()), seconds)).start;
  } finally {
    clearInterval(hurry);
  }
}

async function defined<T>(found: Promise<T | undefined>): Promise<T> {
  const value = await found;
  if (value === undefined) throw new Error("not yet");
  return value;
}
