import type { Plan } from "../model/plan.ts";

/** What a machine is taken for; what is measured says by which command. */
const MACHINE = {
  /** As the figures below were measured on, and as the smallest that is rented. */
  cores: 2,
  /** A link of 1 Gbit/s, of which reading uses 0.95 (`dist/scripts/bench/wire.js`). */
  bytesPerSecond: 0.95 * 125e6,
  /** Seconds of one core a slice of 512 × 512: 231 ms a series of 200 (`dist/scripts/bench/pipeline.js`: wholeMs). */
  cpuSecondsASlice: 0.231 / 200,
  /** Of one core, before a task has read anything, and after (the same, startUpMs). */
  cpuSecondsATask: 2,
} as const;

/** Seconds that a task should last: a Slurm controller starts some 7 a second, and each begins anew (measured on 4 nodes). */
const TASK_SECONDS = 120;

/**
 * Resolver requests in 5 minutes, all of a user's (without an account: an address') machines together: "Rate limits" in
 * the Hub's documentation, as of September 2025. Ranges of a resolved address go to the store, which has no such window.
 */
const RESOLVES = { anonymous: 3_000, free: 5_000, pro: 12_000, team: 20_000 } as const;
const WINDOW_SECONDS = 300;
/** What an account that pays nothing has decides; others wait less. */
const ASSUMED = "free";

/** Machines beyond which the whole gets shorter by less than this are none that help. */
const WORTH = 0.1;

type Bound = "decoding" | "link" | "hub";
export interface MachineCount {
  readonly machines: number;
  readonly seconds: number;
  /** What it waits for. */
  readonly bound: Bound;
}
export interface MachineCounts {
  readonly assumed: typeof MACHINE & { readonly account: string };
  readonly counts: readonly MachineCount[];
  /** More machines than this make it shorter by less than a tenth. */
  readonly most: number;
  /** For `submit`: `--shards-per-task`, `--width`. */
  readonly proposal: { readonly shardsPerTask: number; readonly tasks: number; readonly width: number };
  /** Requests for addresses of all tasks together, and seconds that they take at least by each account's window. */
  readonly hub: { readonly resolves: number; readonly leastSeconds: Readonly<Record<string, number>> } | null;
}

/** How long a plan takes on how many machines, by what was measured, and where more of them stop helping. */
export function machineCounts(plan: Plan): MachineCounts {
  const { rows, shards } = plan;
  const slices = rows.reduce((sum, row) => sum + (row.array ? 1 : row.slices), 0);
  const work = {
    decoding: (slices * MACHINE.cpuSecondsASlice) / MACHINE.cores,
    link: plan.fetch.bytes / MACHINE.bytesPerSecond,
  };
  const oneMachine = Math.max(work.decoding, work.link);
  const perShard = oneMachine / Math.max(1, shards.length);
  const shardsPerTask = Math.max(1, Math.min(shards.length, Math.round(TASK_SECONDS / perShard) || 1));
  const tasks = Math.max(1, Math.ceil(shards.length / shardsPerTask));
  const hub = plan.source.kind === "hub" ? hubOf(resolvesOf(plan, shardsPerTask)) : null;
  const start = MACHINE.cpuSecondsATask / MACHINE.cores;
  const at = (machines: number): MachineCount => {
    const turns = Math.ceil(tasks / machines);
    const seconds = turns * (oneMachine / tasks + start);
    const least = hub?.leastSeconds[ASSUMED] ?? 0;
    const bound = least > seconds ? "hub" : work.decoding >= work.link ? "decoding" : "link";
    return { machines, seconds: Math.ceil(Math.max(seconds, least)), bound };
  };
  const shortest = at(tasks).seconds;
  let most = 1;
  while (most < tasks && at(most).seconds > shortest * (1 + WORTH)) most += 1;
  const counts = [1, 4, 16, 64, 256, 1024].filter((machines) => machines < most).concat(most);
  const proposal = { shardsPerTask, tasks, width: most };
  return { assumed: { ...MACHINE, account: ASSUMED }, counts: counts.map(at), most, proposal, hub };
}

/** Each task asks for the address of each archive that it reads. */
function resolvesOf({ rows, shards }: Plan, shardsPerTask: number): number {
  let count = 0;
  for (let shard = 0; shard < shards.length; shard += shardsPerTask) {
    const [first, last] = [shards[shard]!, shards[Math.min(shards.length, shard + shardsPerTask) - 1]!];
    count += new Set(rows.slice(first.first, last.end).map(({ archive }) => archive)).size;
  }
  return count;
}

/** The first window is full at once, each further one only when it begins. */
function hubOf(resolves: number) {
  const least = (quota: number) => Math.max(0, Math.ceil(resolves / quota) - 1) * WINDOW_SECONDS;
  return {
    resolves,
    leastSeconds: Object.fromEntries(Object.entries(RESOLVES).map(([account, quota]) => [account, least(quota)])),
  };
}
