import { rm } from "node:fs/promises";
import { DirectoryCache } from "../catalogue/directories.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { finalize } from "../output/finalize.ts";
import { receiptPath } from "../output/layout.ts";
import { claimFolder, sweep } from "../output/output-folder.ts";
import { isWhole, readReceipt } from "../output/receipts.ts";
import { planHash } from "../plan/plan-hash.ts";
import type { Executor, Outcome } from "../series/executor.ts";
import { ShardOutcomes } from "../series/shard-outcomes.ts";
import type { Source } from "../source/source.ts";
import { interrupted, runShard } from "./run-shard.ts";
import { withoutTakenDown } from "./take-down.ts";

export interface ConvertOptions {
  readonly folder: string;
  readonly executor: Executor;
  /** Reads at once; without it, as many as serve the source well. */
  readonly connections?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onSeries?: ((outcome: Outcome) => void) | undefined;
  /** Told of each shard that is done; `made` is false for one that was there already. */
  readonly onShard?: ((receipt: Receipt, made: boolean) => void) | undefined;
}

export interface Converted {
  readonly receipts: readonly Receipt[];
  /** Shards made by this call; the others were there. */
  readonly made: number;
}

/** Makes every shard of the plan that is not there yet, then the index, the rejects and the card. */
export async function convert(plan: Plan, source: Source, options: ConvertOptions): Promise<Converted> {
  const { folder, signal, onShard } = options;
  await claimFolder(folder, plan);
  await sweep(folder);
  const tools = { ...options, plan, source, directories: new DirectoryCache(source, signal) };
  const hash = planHash(plan);
  const outcomes = new ShardOutcomes(tools, async (shard) => !(await readReceipt(folder, shard, hash)));
  const receipts: Receipt[] = [];
  let made = 0;
  try {
    for (const shard of plan.shards.keys()) {
      if (signal?.aborted) throw interrupted(folder);
      const done = await finished(folder, shard, hash);
      const receipt = await withoutTakenDown(folder, plan, done ?? (await runShard(shard, { ...tools, outcomes })));
      if (!done) made += 1;
      receipts.push(receipt);
      onShard?.(receipt, !done);
    }
  } finally {
    await outcomes.close();
  }
  await finalize(folder);
  return { receipts, made };
}

/** The receipt of a shard that is whole. One whose file is not as its receipt says is forgotten, and made anew. */
export async function finished(folder: string, shard: number, hash: string): Promise<Receipt | undefined> {
  const receipt = await readReceipt(folder, shard, hash);
  if (!receipt || (await isWhole(folder, receipt))) return receipt;
  await rm(receiptPath(folder, shard), { force: true });
  return undefined;
}
