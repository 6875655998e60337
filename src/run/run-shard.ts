import path from "node:path";
import { EtlError } from "../errors.ts";
import type { Reject } from "../model/plan.ts";
import type { Dropped, Receipt } from "../model/receipt.ts";
import type { Row } from "../model/row.ts";
import { receiptPath } from "../output/layout.ts";
import { makeInto, writeInto } from "../output/output-folder.ts";
import { markRead } from "../output/read-marks.ts";
import { sealed } from "../output/receipts.ts";
import { planHash } from "../plan/plan-hash.ts";
import type { Outcome } from "../series/executor.ts";
import { type OutcomeTools, type ShardOutcomes, shardOutcomes } from "../series/shard-outcomes.ts";

export interface ShardTools extends OutcomeTools {
  readonly folder: string;
  /** Where several shards are made: what reads ahead from one to the next. */
  readonly outcomes?: ShardOutcomes;
  readonly onSeries?: ((outcome: Outcome) => void) | undefined;
}

/** Makes one shard: reads, assembles, writes a temporary file, renames it, leaves the receipt. A pure function of the plan. */
export async function runShard(shard: number, tools: ShardTools): Promise<Receipt> {
  const { plan, folder, signal } = tools;
  const planned = plan.shards[shard]!;
  const rejects: Reject[] = [];
  const dropped: Dropped[] = [];
  const ids: string[] = [];
  const volumes: string[] = [];
  async function* rows(): AsyncGenerator<Row> {
    for await (const outcome of tools.outcomes?.of(shard) ?? shardOutcomes(shard, tools)) {
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
  const target = path.join(folder, planned.path);
  try {
    const { byteLength, sha256 } = await makeInto(folder, target, async (temporary) => {
      const written = await tools.executor.write(temporary, rows(), plan.output);
      signal?.throwIfAborted();
      return written;
    });
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
    // Before the receipt: what has one has its mark.
    await markRead(shard, tools);
    await writeInto(folder, receiptPath(folder, shard), sealed(receipt));
    return receipt;
  } catch (error) {
    throw signal?.aborted ? interrupted(folder) : error;
  }
}

/** The error of a run that was asked to stop. */
export function interrupted(folder: string): EtlError {
  return new EtlError("interrupted", `${folder}: stopped; the same command goes on where it stopped`);
}
