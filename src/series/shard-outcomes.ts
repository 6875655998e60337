import { archiveFor } from "../catalogue/directories.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import { Slabs } from "../memory/slabs.ts";
import type { Plan } from "../model/plan.ts";
import { type FetchGroup, fetchGroups } from "../plan/fetch-groups.ts";
import { type Executor, type Outcome, rejectionOf } from "./executor.ts";
import { type ReadSeries, type ReadTools, readGroup } from "./read-group.ts";

export interface OutcomeTools extends ReadTools {
  readonly executor: Executor;
  /** Groups of ranges read at once; without it, as many as serve the source well. */
  readonly connections?: number | undefined;
}

/** Compressed bytes read ahead of the decoders, all connections together. */
const READ_AHEAD_BYTES = 64 << 20;
/** Groups read at once from a source that has no opinion: a local copy. */
const LOCAL_READS = 4;

interface Placed<T> {
  readonly shard: number;
  readonly value: T;
}

/**
 * Every series of shard after shard, in the plan's order. It reads and decodes ahead across the shards' borders, within the
 * same bounds as inside a shard: while one shard's last rows are written, the next one's first are on their way.
 */
export class ShardOutcomes {
  private readonly tools: OutcomeTools;
  private readonly isWanted: (shard: number) => Promise<boolean>;
  private stream: AsyncGenerator<Placed<Outcome>> | undefined;
  /** False while a shard has been taken in part: what is left of it is of no use to another. */
  private atBorder = true;

  /** `isWanted` tells whether a later shard is likely to be asked for. */
  constructor(tools: OutcomeTools, isWanted: (shard: number) => Promise<boolean>) {
    this.tools = tools;
    this.isWanted = isWanted;
  }

  async *of(shard: number): AsyncGenerator<Outcome> {
    const { first, end } = this.tools.plan.shards[shard]!;
    if (!this.atBorder) await this.close();
    this.atBorder = false;
    for (let at = first; at < end; at++) {
      let next: Placed<Outcome> | undefined = (await this.stream?.next())?.value;
      if (next?.shard !== shard) {
        // The first shard, or another than was guessed.
        await this.close();
        this.stream = outcomesFrom(shard, this.tools, this.isWanted);
        next = (await this.stream.next()).value as Placed<Outcome>;
      }
      yield next.value;
    }
    this.atBorder = true;
  }

  /** Stops what is read ahead. */
  async close(): Promise<void> {
    await this.stream?.return(undefined);
    this.stream = undefined;
  }
}

/** Every series of one shard. */
export async function* shardOutcomes(shard: number, tools: OutcomeTools): AsyncGenerator<Outcome> {
  const outcomes = new ShardOutcomes(tools, async () => false);
  try {
    yield* outcomes.of(shard);
  } finally {
    await outcomes.close();
  }
}

function outcomesFrom(
  first: number,
  tools: OutcomeTools,
  isWanted: (shard: number) => Promise<boolean>,
): AsyncGenerator<Placed<Outcome>> {
  const { plan, executor, source } = tools;
  // A row that holds its slices' files holds their memory too.
  const slabs = plan.output.slices ? undefined : new Slabs();
  // Streams cannot be read at two places at once.
  const streamed = plan.archives.some(({ format }) => format === "tar.gz");
  const limit = streamed ? 1 : (tools.connections ?? source.connections ?? LOCAL_READS);
  const ahead = { weight: READ_AHEAD_BYTES, weigh: ({ value }: Placed<FetchGroup>) => weightOf(value) };
  let last: FetchGroup | undefined;
  const read = mapBounded(groupsFrom(first, plan, isWanted), { limit, ahead }, async ({ shard, value }) => {
    // A stream that is left holds its connection until it is closed.
    if (streamed && last && last.archive !== value.archive)
      await archiveFor(source, plan.archives[last.archive]!).bytes.close?.();
    last = value;
    return (await readGroup(value, tools, slabs)).map((one) => ({ shard, value: one }));
  });
  // Two series more than there are workers: one so that none waits for the main thread, one while a row group is closed.
  return mapBounded(flatten(read), { limit: executor.width + 2 }, async ({ shard, value }) => ({
    shard,
    value: await outcomeOf(value, executor, slabs),
  }));
}

async function* groupsFrom(
  first: number,
  { rows, shards }: Plan,
  isWanted: (shard: number) => Promise<boolean>,
): AsyncGenerator<Placed<FetchGroup>> {
  for (let shard = first; shard < shards.length; shard++)
    if (shard === first || (await isWanted(shard)))
      for (const value of fetchGroups(rows, shards[shard]!)) yield { shard, value };
}

function weightOf({ ranges }: FetchGroup): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

async function* flatten<T>(groups: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const group of groups) yield* group;
}

async function outcomeOf(one: ReadSeries, executor: Executor, slabs: Slabs | undefined): Promise<Outcome> {
  const outcome: Outcome =
    "fault" in one ? { ok: false, reject: rejectionOf(one.fault, one.row) } : await executor.run(one.task);
  if (one.slab) slabs?.give(one.slab);
  return outcome;
}
