import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import type { Reject } from "../model/plan.ts";
import type { Dropped, Receipt } from "../model/receipt.ts";
import type { Row } from "../model/row.ts";
import { rejectionOf } from "./build-row.ts";
import { syncFolder, writeFault } from "./cache-folder.ts";
import type { Executor, Outcome } from "./executor.ts";
import { type FetchGroup, fetchGroups } from "./fetch-groups.ts";
import { mapBounded } from "./map-bounded.ts";
import { receiptPath, sealed, temporaryFile, writeInto } from "./output-folder.ts";
import { planHash } from "./plan.ts";
import { type ReadSeries, type ReadTools, readGroup } from "./read-series.ts";

export interface OutcomeTools extends ReadTools {
  readonly executor: Executor;
  /** Groups of ranges read at once. */
  readonly connections: number;
}
export interface ShardTools extends OutcomeTools {
  readonly folder: string;
  readonly onSeries?: ((outcome: Outcome) => void) | undefined;
}

/** Compressed bytes read ahead of the decoders, all connections together. */
const READ_AHEAD_BYTES = 64 << 20;

/** Makes one shard: reads, assembles, writes a temporary file, renames it, leaves the receipt. A pure function of the plan. */
export async function runShard(shard: number, tools: ShardTools): Promise<Receipt> {
  const { plan, folder, signal } = tools;
  const planned = plan.shards[shard]!;
  const rejects: Reject[] = [];
  const dropped: Dropped[] = [];
  const ids: string[] = [];
  const volumes: string[] = [];
  async function* rows(): AsyncGenerator<Row> {
    for await (const outcome of shardOutcomes(shard, tools)) {
      signal?.throwIfAborted();
      tools.onSeries?.(outcome);
      if (!outcome.ok) rejects.push(outcome.reject);
      else {
        const { row, dropped: files, volumeSha256 } = outcome.built;
        ids.push(row.id);
        if (volumeSha256) volumes.push(volumeSha256);
        if (files.length > 0) dropped.push({ id: row.id, files: [...files] });
        yield row;
      }
    }
  }
  const temporary = temporaryFile(folder, path.basename(planned.path));
  const target = path.join(folder, planned.path);
  try {
    const { byteLength, sha256 } = await tools.executor.write(temporary, rows(), plan.output);
    signal?.throwIfAborted();
    await rename(temporary, target);
    await syncFolder(path.dirname(target));
    const of = plan.shards.length;
    const receipt: Receipt = {
      version: 1,
      shard,
      of,
      planHash: planHash(plan),
      path: planned.path,
      byteLength,
      sha256,
      rows: ids.length,
      ids,
      volumes,
      rejects,
      dropped,
    };
    await writeInto(folder, receiptPath(folder, shard), sealed(receipt));
    return receipt;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw signal?.aborted ? interrupted(folder) : writeFault(error, target);
  }
}

/** The error of a run that was asked to stop. */
export function interrupted(folder: string): EtlError {
  return new EtlError("interrupted", `${folder}: stopped; the same command goes on where it stopped`);
}

/** Every series of the shard, in the plan's order. */
export async function* shardOutcomes(shard: number, tools: OutcomeTools): AsyncGenerator<Outcome> {
  const { plan, executor, connections } = tools;
  const groups = fetchGroups(plan.rows, plan.shards[shard]!);
  const weigh = (group: FetchGroup) => group.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  // Streams cannot be read at two places at once.
  const streamed = plan.archives.some(({ format }) => format === "tar.gz");
  const read = mapBounded(groups, { limit: streamed ? 1 : connections, budget: READ_AHEAD_BYTES, weigh }, (group) =>
    readGroup(group, tools),
  );
  // One series more than there are workers, so that none waits for the main thread.
  yield* mapBounded(flatten(read), { limit: executor.width + 1 }, (one) => outcomeOf(one, executor));
}

async function* flatten(groups: AsyncIterable<readonly ReadSeries[]>): AsyncGenerator<ReadSeries> {
  for await (const group of groups) yield* group;
}

async function outcomeOf(one: ReadSeries, executor: Executor): Promise<Outcome> {
  return "fault" in one ? { ok: false, reject: rejectionOf(one.fault, one.row) } : executor.run(one.task);
}
