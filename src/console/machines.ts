import type { MachineCounts } from "../plan/machine-counts.ts";

const reasons = { decoding: "decoding", link: "the link", hub: "the Hub's rate limit" } as const;

/** Two lines of a plan's summary: how long on how many machines, and what to submit. */
export function machineRows({ counts, most, proposal, assumed }: MachineCounts): string[][] {
  const each = counts.map(({ machines, seconds }) => `${machines}: ${duration(seconds)}`).join(", ");
  const { bound } = counts.at(-1)!;
  const { shardsPerTask, tasks, width } = proposal;
  const link = `${Math.round((assumed.bytesPerSecond * 8) / 1e8) / 10} Gbit/s`;
  return [
    ["machines", `${each}; more help no more (of ${assumed.cores} cores and ${link}; held up by ${reasons[bound]})`],
    ...(most > 1 ? [["proposal", `submit --shards-per-task ${shardsPerTask} --width ${width}: ${tasks} tasks`]] : []),
  ];
}

/** A time as people say it. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
