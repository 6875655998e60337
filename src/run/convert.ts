import { rm } from "node:fs/promises";
import { DirectoryCache } from "../catalogue/directories.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { finalize } from "../output/finalize.ts";
import { receiptPath } from "../output/layout.ts";
import { claimFolder, sweep } from "../output/output-folder.ts";
import { forgetChanged } from "../output/read-marks.ts";
import { asArray, isWhole, readReceipt } from "../output/receipts.ts";
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
  readonly onNote?: ((line: string) => void) | undefined;
  /** Told of each shard that is done; `made` is false for one that was there already. */
  readonly onShard?: ((receipt: Receipt, made: boolean) => void) | undefined;
}

export interface Converted {
  readonly receipts: readonly Receipt[];
  /** Shards made by this call; the others were there. */
  readonly made: number;
}

/** What is done about each shard besides making it. */
export interface ShardSteps {
  /** Shards that an earlier run has taken where they go: they are not made, wherever their files are. */
  readonly sent: ReadonlyMap<number, Receipt>;
  /** About a shard that was sent before. */
  again(receipt: Receipt): Promise<void>;
  /** Before a shard is made, or taken as it is `there`. */
  before(shard: number, there: Receipt | undefined): Promise<void>;
  /** Once it lies in the folder. */
  after(receipt: Receipt, there: Receipt | undefined): Promise<void>;
  /** Waits, after the last shard, for what `after` has left under way. */
  end(): Promise<void>;
  /** Waits likewise after an error; gives what failed of it, for that is the cause then. */
  failure(): Promise<unknown>;
}

/** Makes every shard of the plan that is not there yet, then the index, the rejects and the card. */
export async function convert(plan: Plan, source: Source, options: ConvertOptions): Promise<Converted> {
  await claim(options.folder, plan);
  return convertClaimed(plan, source, options);
}

export async function claim(folder: string, plan: Plan): Promise<void> {
  await claimFolder(folder, plan);
  await sweep(folder);
}

/** Converts into a folder that is the plan's own; without `steps`, the shards just stay there. */
export async function convertClaimed(
  plan: Plan,
  source: Source,
  options: ConvertOptions,
  steps?: ShardSteps,
): Promise<Converted> {
  const { folder, signal, onShard } = options;
  const hash = planHash(plan);
  const tools = { ...options, plan, source, directories: new DirectoryCache(source, signal) };
  const changed = await forgetChanged(tools, steps?.sent);
  if (changed.length > 0)
    options.onNote?.(`shards ${asArray(changed)} are made anew: their series have changed in ${source.name}`);
  const isWanted = async (shard: number) => !steps?.sent.has(shard) && !(await readReceipt(folder, shard, hash));
  const outcomes = new ShardOutcomes(tools, isWanted);
  const brought = async (shard: number, there: Receipt | undefined) => {
    await steps?.before(shard, there);
    const standing = there ?? (await runShard(shard, { ...tools, outcomes }));
    const receipt = await withoutTakenDown(folder, plan, standing);
    await steps?.after(receipt, there);
    return receipt;
  };
  const receipts: Receipt[] = [];
  let made = 0;
  try {
    for (const shard of plan.shards.keys()) {
      if (signal?.aborted) throw interrupted(folder);
      const sent = steps?.sent.get(shard);
      const there = sent ?? (await whole(folder, shard, hash));
      if (sent) await steps?.again(sent);
      const receipt = sent ?? (await brought(shard, there));
      if (!there) made += 1;
      receipts.push(receipt);
      onShard?.(receipt, !there);
    }
    await steps?.end();
  } catch (error) {
    throw (await steps?.failure()) ?? error;
  } finally {
    await outcomes.close();
  }
  await finalize(folder);
  return { receipts, made };
}

/** The receipt of a shard that is whole. One whose file is not as its receipt says is forgotten, and made anew. */
async function whole(folder: string, shard: number, hash: string): Promise<Receipt | undefined> {
  const receipt = await readReceipt(folder, shard, hash);
  if (!receipt || (await isWhole(folder, receipt))) return receipt;
  await rm(receiptPath(folder, shard), { force: true });
  return undefined;
}
