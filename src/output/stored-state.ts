import { rm } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { planHash } from "../plan/plan-hash.ts";
import { dataBytesOf } from "../shards/data-bytes.ts";
import type { Source } from "../source/source.ts";
import type { Mirror } from "../stores/mirror.ts";
import { claimAlone } from "./claim-alone.ts";
import { keepIndexRows } from "./finalize.ts";
import * as layout from "./layout.ts";
import { claimFolder, exists, planOf } from "./output-folder.ts";
import { readReceipt } from "./receipts.ts";
import { allSent, markSent } from "./sent-marks.ts";
import { writeParts } from "./write-parts.ts";

/** What a conversion writes at last. */
const SUMMARIES = ["index.parquet", "rejects.jsonl", "README.md"];
const summariesIn = (folder: string) => SUMMARIES.map((name) => path.join(folder, name));

/** Makes an empty store, or one that has this plan already, the plan's own, and puts the plan's parts there. */
export async function claimStore(mirror: Mirror, plan: Plan, source: Source, signal?: AbortSignal): Promise<void> {
  const { folder } = mirror;
  const isThere = await mirror.bring(layout.planPath(folder));
  const foreign = isThere ? undefined : await mirror.anyKeyBut(layout.claimsFolder(folder));
  if (foreign !== undefined)
    throw new EtlError("cannot-write", `${folder}/${foreign}: is there, and no conversion left it; choose a new --out`);
  await claimFolder(folder, plan);
  const put = async () => {
    if (await mirror.sendFirst(layout.planPath(folder))) return;
    // Another may have come first, with other arguments.
    await mirror.bring(layout.planPath(folder));
    await claimFolder(folder, plan);
  };
  if (!isThere) await claimAlone(mirror, planHash(plan), put);
  if (await mirror.bring(layout.partsHeadPath(folder))) return;
  await writeParts(folder, plan, source, signal);
  await mirror.sendAll(plan.shards.map((_, shard) => layout.partPath(folder, shard)));
  await mirror.send(layout.partsHeadPath(folder));
}

/** Sends a shard that was made, all that is kept of it, and its receipt at last; its own file goes. */
export async function storeShard(mirror: Mirror, plan: Plan, receipt: Receipt): Promise<void> {
  const { folder, address } = mirror;
  const { shard, path: name, byteLength, sha256, rows } = receipt;
  const file = path.join(folder, name);
  const dataBytes = await dataBytesOf(file);
  await keepIndexRows(folder, plan, receipt);
  await mirror.send(file);
  await markSent(folder, shard, { version: 1, repository: address, path: name, byteLength, sha256, rows, dataBytes });
  const kept = [layout.indexPart, layout.sentPath, layout.readMarkPath].map((pathOf) => pathOf(folder, shard));
  await mirror.sendAll(kept);
  await mirror.send(layout.receiptPath(folder, shard));
  await rm(file);
}

/** Of these shards those that the store has whole, with their receipts; what is known of others is no longer in the folder. */
export async function storedShards(
  mirror: Mirror,
  plan: Plan,
  shards: readonly number[],
): Promise<ReadonlyMap<number, Receipt>> {
  const { folder } = mirror;
  const found = new Map<number, Receipt>();
  for (const shard of shards) {
    const file = layout.receiptPath(folder, shard);
    await mirror.bring(file);
    const receipt = await readReceipt(folder, shard, planHash(plan));
    if (receipt && (await mirror.sizeOf(path.join(folder, receipt.path))) === receipt.byteLength) {
      await mirror.bring(layout.readMarkPath(folder, shard));
      found.set(shard, receipt);
    } else await rm(file, { force: true });
  }
  return found;
}

/** Brings what tells how far a conversion is: a shard counts as sent only where the store has it whole. */
export async function bringState(mirror: Mirror): Promise<Plan> {
  const { folder } = mirror;
  for (const pathOf of [layout.planPath, layout.sourceCardPath]) await mirror.bring(pathOf(folder));
  const plan = await planOf(folder);
  for (const pathOf of [layout.receiptPath, layout.sentPath]) await mirror.bringAll(path.dirname(pathOf(folder, 0)));
  const sizes = await mirror.sizesIn(path.join(folder, "data"));
  for (const [shard, sent] of await allSent(folder, plan))
    if (sizes.get(sent.path) !== sent.byteLength) await rm(layout.sentPath(folder, shard));
  return plan;
}

/** Brings the logs of all attempts, as they are by now. */
export const bringAttempts = (mirror: Mirror): Promise<void> =>
  mirror.bringAll(path.dirname(layout.attemptPath(mirror.folder, 0, "", 0)));

/** Brings what `finalize` reads besides. */
export const bringIndexRows = (mirror: Mirror): Promise<void> =>
  mirror.bringAll(path.dirname(layout.indexPart(mirror.folder, 0)));

export async function bringSummaries(mirror: Mirror): Promise<void> {
  for (const file of summariesIn(mirror.folder)) await mirror.bring(file);
}

/** Sends what `finalize` has written. */
export const sendSummaries = (mirror: Mirror): Promise<void> => mirror.sendAll(summariesIn(mirror.folder));

/** A shard's file for as long as `work` runs, and its rows anew for the index to be held against. */
export async function withShardFile<T>(
  mirror: Mirror,
  plan: Plan,
  receipt: Receipt,
  work: () => Promise<T>,
): Promise<T> {
  const file = path.join(mirror.folder, receipt.path);
  await mirror.bring(file);
  try {
    const done = await work();
    // One that cannot be read has been named by then.
    if (await exists(file)) await keepIndexRows(mirror.folder, plan, receipt).catch(() => {});
    return done;
  } finally {
    await rm(file, { force: true });
  }
}
