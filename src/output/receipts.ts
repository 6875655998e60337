import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import type { Plan } from "../model/plan.ts";
import { Receipt, SealedReceipt } from "../model/receipt.ts";
import { planHash } from "../plan/plan-hash.ts";
import { MAX_STATE_BYTES, receiptPath } from "./layout.ts";
import { exists, sha256OfFile } from "./output-folder.ts";
import { allSent } from "./sent-marks.ts";

/** A receipt as it is written: with its own checksum, so that an edited one is told from a sound one. */
export function sealed(receipt: Receipt): string {
  const own = Receipt.parse(receipt);
  return JSON.stringify({ ...own, seal: createHash("sha256").update(JSON.stringify(own)).digest("hex") });
}

const OTHERS = "has no receipt of this plan";

/** The receipt of a shard as it stands, or in words why it has none to go by. */
export async function receiptOrWhy(folder: string, shard: number, hash: string): Promise<Receipt | string> {
  const text = await readPlainFile(receiptPath(folder, shard), MAX_STATE_BYTES).catch(() => undefined);
  if (text === undefined) return "has no receipt";
  const found = SealedReceipt.safeParse(parsed(text));
  if (!found.success) return "its receipt is damaged";
  const { seal: _, ...receipt } = found.data;
  if (sealed(receipt) !== text) return "its receipt is damaged or was edited";
  if (receipt.planHash !== hash) return OTHERS;
  return receipt.shard === shard ? receipt : "its receipt is another shard's";
}

/** The receipt of a shard; undefined where there is none or where it is not as it was written. Another plan's is an error. */
export async function readReceipt(folder: string, shard: number, hash: string): Promise<Receipt | undefined> {
  const found = await receiptOrWhy(folder, shard, hash);
  if (found === OTHERS)
    throw new EtlError("other-plan", `${receiptPath(folder, shard)}: belongs to another plan; choose a new --out`);
  return typeof found === "string" ? undefined : found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True when the shard's file is, byte for byte, what its receipt says. */
export async function isWhole(folder: string, receipt: Receipt): Promise<boolean> {
  const file = path.join(folder, receipt.path);
  const found = await stat(file).catch(() => undefined);
  return found?.size === receipt.byteLength && (await sha256OfFile(file)) === receipt.sha256;
}

/** Every receipt in order of shard, and the shards that have none, or whose file is neither here nor in a repository. */
export async function standing(
  folder: string,
  plan: Plan,
): Promise<{ receipts: readonly Receipt[]; missing: readonly number[] }> {
  const [hash, sent] = [planHash(plan), await allSent(folder, plan)];
  const receipts: Receipt[] = [];
  const missing: number[] = [];
  for (const shard of plan.shards.keys()) {
    const receipt = await readReceipt(folder, shard, hash);
    const isThere = receipt && (sent.has(shard) || (await exists(path.join(folder, receipt.path))));
    if (isThere) receipts.push(receipt);
    else missing.push(shard);
  }
  return { receipts, missing };
}

/** All receipts in order of shard; those missing are named in the error. */
export async function allReceipts(folder: string, plan: Plan): Promise<readonly Receipt[]> {
  const { receipts, missing } = await standing(folder, plan);
  if (missing.length > 0)
    throw new EtlError(
      "interrupted",
      `${folder}: ${missing.length} of ${plan.shards.length} shards are missing: ${asArray(missing)}; run convert again`,
    );
  return receipts;
}

/** 3,7,12-15: as job arrays take it. */
export function asArray(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(",");
}
