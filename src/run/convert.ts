import { rm } from "node:fs/promises";
import { DirectoryCache } from "../catalogue/directories.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { AttemptLog } from "../output/attempts.ts";
import { finalize } from "../output/finalize.ts";
import { receiptPath } from "../output/layout.ts";
import { claimFolder, sweep } from "../output/output-folder.ts";
import { forgetChanged } from "../output/read-marks.ts";
import { asArray, isWhole, readReceipt } from "../output/receipts.ts";
import type { ShardSteps } from "../output/shard-steps.ts";
import { withoutTakenDown } from "../output/take-down.ts";
import { planHash } from "../plan/plan-hash.ts";
import type { Executor, Outcome } from "../series/executor.ts";
import { ShardOutcomes } from "../series/shard-outcomes.ts";
import type { Source } from "../source/source.ts";
import { interrupted, runShard, type ShardTools } from "./run-shard.ts";

export interface ConvertOptions {
  readonly folder: string;
  readonly executor: Executor;
  /** Reads at once; without it, as many as serve the source well. */
  readonly connections?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What goes over the wire, counted up by whoever reads: for the attempts' logs. */
  readonly wire?: Readonly<{ requests: number; bytes: number }> | undefined;
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

/** The attempt at the first shard to be made, where it has begun already: opening a source may take long, or fail. */
export interface Begun {
  readonly begun?: AttemptLog | undefined;
}

/** Makes those of the shards that are not there yet, in a folder that is the plan's own; without `steps`, they just stay there. */
export async function makeShards(
  shards: readonly number[],
  plan: Plan,
  source: Source,
  options: ConvertOptions & Begun,
  steps?: ShardSteps,
): Promise<Converted> {
  const { folder, signal, onShard } = options;
  const hash = planHash(plan);
  const tools = { ...options, plan, source, directories: new DirectoryCache(source, signal) };
  const changed = await forgetChanged(shards, tools, steps?.sent);
  if (changed.length > 0)
    options.onNote?.(`shards ${asArray(changed)} are made anew: their series have changed in ${source.name}`);
  const wanted = new Set(shards);
  const isWanted = async (shard: number) =>
    wanted.has(shard) && !steps?.sent.has(shard) && !(await readReceipt(folder, shard, hash));
  const outcomes = new ShardOutcomes(tools, isWanted);
  const brought = async (shard: number, there: Receipt | undefined) => {
    await steps?.before(shard, there);
    const finish = async (standing: Receipt) => {
      const receipt = await withoutTakenDown(folder, plan, standing);
      await steps?.after(receipt, there);
      return receipt;
    };
    return there ? finish(there) : attempted(shard, { ...tools, outcomes }, finish);
  };
  const receipts: Receipt[] = [];
  let made = 0;
  try {
    for (const shard of shards) {
      if (signal?.aborted) throw interrupted(folder);
      const sent = steps?.sent.get(shard);
      const there = sent ?? (await wholeReceipt(folder, shard, hash));
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
  return { receipts, made };
}

/** Makes a shard and finishes it, and leaves word of how that went. */
async function attempted(
  shard: number,
  tools: ShardTools & Pick<ConvertOptions, "wire"> & Begun,
  finish: (made: Receipt) => Promise<Receipt>,
): Promise<Receipt> {
  const { folder, plan, wire, begun } = tools;
  const log =
    begun?.shard === shard ? begun : await AttemptLog.begin({ folder, shard, planHash: planHash(plan), wire });
  const onSeries = (outcome: Outcome) => {
    log.count();
    tools.onSeries?.(outcome);
  };
  try {
    const receipt = await finish(await runShard(shard, { ...tools, onSeries }));
    await log.done(receipt);
    return receipt;
  } catch (error) {
    await log.failed(error);
    throw error;
  }
}

/** The receipt of a shard that is whole. One whose file is not as its receipt says is forgotten, and made anew. */
export async function wholeReceipt(folder: string, shard: number, hash: string): Promise<Receipt | undefined> {
  const receipt = await readReceipt(folder, shard, hash);
  if (!receipt || (await isWhole(folder, receipt))) return receipt;
  await rm(receiptPath(folder, shard), { force: true });
  return undefined;
}

/** Makes every shard of the plan that is not there yet, then the index, the rejects and the card. */
export async function convert(plan: Plan, source: Source, options: ConvertOptions): Promise<Converted> {
  await claim(options.folder, plan);
  return convertClaimed(plan, source, options);
}

/** Makes the folder the plan's own. */
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
  const converted = await makeShards([...plan.shards.keys()], plan, source, options, steps);
  await finalize(options.folder);
  return converted;
}
