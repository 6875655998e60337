import { availableParallelism } from "node:os";
import { DirectoryCache } from "../catalogue/directories.ts";
import type { Plan, Reject } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import type { Executor } from "../series/executor.ts";
import { ShardOutcomes } from "../series/shard-outcomes.ts";
import type { Source } from "../source/source.ts";
import { workers } from "../workers/workers.ts";

export interface ReadSeriesOptions {
  /** Where series are decoded; threads of its own, one a core, where none is given. */
  readonly executor?: Executor;
  /** Reads at once; without it, as many as serve the source well. */
  readonly connections?: number;
  readonly signal?: AbortSignal;
  /** Told of each series that is no row, and why. */
  readonly onReject?: (reject: Reject) => void;
}

/** The rows of a plan, in its order, without writing a file. Leaving the loop early stops reads and threads. */
export async function* readSeries(plan: Plan, source: Source, options: ReadSeriesOptions = {}): AsyncGenerator<Row> {
  const { connections, signal, onReject } = options;
  const executor = options.executor ?? workers(availableParallelism());
  const directories = new DirectoryCache(source, signal);
  const outcomes = new ShardOutcomes({ plan, source, directories, executor, connections, signal }, async () => true);
  try {
    for (const reject of plan.rejects) onReject?.(reject);
    for (const shard of plan.shards.keys())
      for await (const outcome of outcomes.of(shard)) {
        signal?.throwIfAborted();
        if (outcome.ok) yield outcome.built.row;
        else onReject?.(outcome.reject);
      }
  } finally {
    await outcomes.close();
    if (!options.executor) await executor.close();
  }
}
