import { EtlError } from "../errors.ts";

/** Variables in which schedulers tell a task its number, counted from 0, and from 1. */
const zeroBased = [
  "VOXSHARD_SHARD_INDEX",
  "SLURM_ARRAY_TASK_ID",
  "JOB_COMPLETION_INDEX",
  "AWS_BATCH_JOB_ARRAY_INDEX",
  "CLOUD_RUN_TASK_INDEX",
  "BATCH_TASK_INDEX",
];
const oneBased = ["SGE_TASK_ID", "LSB_JOBINDEX"];

/** Which shard to make: the flag, else the scheduler's variable. Two schedulers that disagree are an error, not a guess. */
export function shardIndex(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  shards: number,
): number {
  const named = flag !== undefined ? [{ name: "--shard", value: flag, base: 0 }] : fromEnvironment(env);
  const indices = new Set(named.map(({ value, base }) => (/^\d+$/.test(value) ? Number(value) - base : Number.NaN)));
  const names = named.map(({ name, value }) => `${name}=${value}`).join(", ");
  if (indices.size === 0) throw new EtlError("usage", "no --shard, and no scheduler's variable gives one");
  if (indices.size > 1) throw new EtlError("usage", `${names} name different shards; give --shard`);
  const [index] = [...indices] as [number];
  if (!(index >= 0 && index < shards))
    throw new EtlError("usage", `${names}: the plan has the shards 0 to ${shards - 1}`);
  return index;
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>) {
  const given = (names: readonly string[], base: number) =>
    names.flatMap((name) =>
      env[name] === undefined || env[name] === "" || env[name] === "undefined"
        ? []
        : [{ name, value: env[name], base }],
    );
  const own = given(zeroBased.slice(0, 1), 0);
  return own.length > 0 ? own : [...given(zeroBased.slice(1), 0), ...given(oneBased, 1)];
}
