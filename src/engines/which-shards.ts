import { EtlError } from "../errors.ts";

/** Variables in which engines tell a task its number: counted from 0, as the array was numbered, and from 1. */
const own = "VOXSHARD_SHARD";
const zeroBased = [
  "SLURM_ARRAY_TASK_ID",
  "JOB_COMPLETION_INDEX",
  "AWS_BATCH_JOB_ARRAY_INDEX",
  "CLOUD_RUN_TASK_INDEX",
  "BATCH_TASK_INDEX",
  "PBS_ARRAY_INDEX",
];
const oneBased = ["SGE_TASK_ID", "LSB_JOBINDEX"];

export interface ShardChoice {
  /** One shard's number. */
  readonly shard?: string | undefined;
  /** 3,7,12-15: as `missing` prints them. */
  readonly shards?: string | undefined;
  /** Added to the number that the engine gives: arrays above an engine's greatest index come in chunks. */
  readonly indexOffset: number;
  /** 3,7,12-15: the tasks that the engine's numbers count, from 0; without it, the number is the task's own. */
  readonly tasks?: string | undefined;
  /** Shards of one task: task t makes the shards from t × this on. */
  readonly shardsPerTask: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The shards that this process is to make: the flags name them, else the engine's variable gives the task's number. Two
 * engines' variables that disagree are a usage error, not a guess.
 */
export function whichShards(choice: ShardChoice, env: Environment, count: number): readonly number[] {
  const { shard, shards, indexOffset, tasks, shardsPerTask } = choice;
  if (shard === undefined && shards === undefined) return ofTask(choice, env, count);
  if (shard !== undefined && shards !== undefined) throw new EtlError("usage", "give --shard or --shards, not both");
  if (indexOffset !== 0 || tasks !== undefined || shardsPerTask !== 1)
    throw new EtlError(
      "usage",
      "--index-offset, --tasks and --shards-per-task are for a task's number, not for a named shard",
    );
  const named = shard === undefined ? parseList(shards!) : /^\d+$/.test(shard) ? [Number(shard)] : [];
  const flag = shard === undefined ? `--shards ${shards}` : `--shard ${shard}`;
  if (named.length === 0) throw new EtlError("usage", `${flag}: give numbers from 0 to ${count - 1}, as 3,7,12-15`);
  return within(named, flag, count);
}

function ofTask(
  { indexOffset, tasks, shardsPerTask }: ShardChoice,
  env: Environment,
  count: number,
): readonly number[] {
  const named = fromEnvironment(env);
  const names = named.map(({ name, value }) => `${name}=${value}`).join(", ");
  const numbers = new Set(named.map(({ value, base }) => (/^\d+$/.test(value) ? Number(value) - base : Number.NaN)));
  const [task] = numbers;
  if (task === undefined) throw new EtlError("usage", "no --shard, and no engine's variable gives one");
  if (numbers.size > 1) throw new EtlError("usage", `${names}: engines that name different shards; give --shard`);
  const number = tasks === undefined ? task + indexOffset : parseList(tasks)[task + indexOffset];
  if (number === undefined) throw new EtlError("usage", `${names}: --tasks ${tasks} has no task of this number`);
  const first = number * shardsPerTask;
  const shards = Array.from({ length: shardsPerTask }, (_, at) => first + at);
  // The last task may have fewer.
  return within([first, ...shards.slice(1).filter((shard) => shard < count)], names, count);
}

function within(shards: readonly number[], flag: string, count: number): readonly number[] {
  if (shards.every((shard) => shard >= 0 && shard < count)) return [...new Set(shards)].sort((a, b) => a - b);
  throw new EtlError("usage", `${flag}: the plan has the shards 0 to ${count - 1}`);
}

/** More than any plan has: a longer range is a slip. */
const MOST = 1_000_000;

/** The numbers of 3,7,12-15; none where the text is no such list. */
function parseList(text: string): readonly number[] {
  const found: number[] = [];
  for (const part of text.split(",")) {
    const [, from, to = from] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from) || Number(to) >= MOST) return [];
    for (let shard = Number(from); shard <= Number(to); shard++) found.push(shard);
  }
  return found;
}

/** Outside of an array, some engines set their variable to "undefined", or to 0 where they count from 1. */
function fromEnvironment(env: Environment) {
  const given = (names: readonly string[], base: number) =>
    names.flatMap((name) => {
      const value = env[name] ?? "";
      return value === "" || value === "undefined" || (base === 1 && value === "0") ? [] : [{ name, value, base }];
    });
  const named = given([own], 0);
  return named.length > 0 ? named : [...given(zeroBased, 0), ...given(oneBased, 1)];
}
