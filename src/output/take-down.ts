import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readFault } from "../files/read-file.ts";
import { type HubAccessOptions, withHub } from "../hub/hub-access.ts";
import { repositoryId } from "../hub/repository.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { fetchShard } from "./fetch-shard.ts";
import { finalize } from "./finalize.ts";
import { indexPart } from "./layout.ts";
import { exists, planOf, writeInto } from "./output-folder.ts";
import { allReceipts, readReceipt } from "./receipts.ts";
import { rewriteShard } from "./rewrite-shard.ts";

/** Ids that were ever taken down, one a line: a shard that is made anew must not bring them back. */
const listPath = (folder: string) => path.join(folder, ".voxshard", "taken-down.txt");

export interface TakeDownOptions extends HubAccessOptions {
  /** Where shards are fetched from whose files went after they were sent: `owner/name`. */
  readonly repository?: string | undefined;
}

/**
 * Takes series out of a conversion, now and whenever one of its shards is made again: rewrites the shards that hold
 * them, and only those. Each becomes a line of rejects.jsonl. Safe to repeat after a crash. Gives the ids removed now.
 */
export async function takeDown(
  folder: string,
  ids: readonly string[],
  options: TakeDownOptions = {},
): Promise<readonly string[]> {
  const plan = await planOf(folder);
  const known = new Set(plan.rows.map((row) => row.id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new EtlError("usage", `--exclude: ${unknown.slice(0, 3).join(", ")}: in no shard of ${folder}`);
  const all = new Set([...(await takenDown(folder)), ...ids]);
  if (all.size === 0) return [];
  const lines = [...all].sort().map((id) => `${id}\n`);
  await writeInto(folder, listPath(folder), lines.join(""));
  const removed: string[] = [];
  for (const receipt of await allReceipts(folder, plan)) {
    removed.push(...receipt.ids.filter((id) => all.has(id)));
    await withoutTakenDown(folder, plan, receipt, options);
  }
  // Also where an earlier call removed them and was stopped before this.
  if (removed.length > 0 || ids.length > 0) await finalize(folder);
  return removed;
}

async function takenDown(folder: string): Promise<readonly string[]> {
  // Any other error must not pass for an empty list: what was taken down would come back.
  const listed = await readFile(listPath(folder), "utf8").catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "";
    throw readFault(error, listPath(folder));
  });
  return listed.split("\n").filter((line) => line !== "");
}

/** A shard's receipt when nothing that was ever taken down is left in the shard. */
export async function withoutTakenDown(
  folder: string,
  plan: Plan,
  receipt: Receipt,
  options: TakeDownOptions = {},
): Promise<Receipt> {
  const all = new Set(await takenDown(folder));
  const own = receipt.ids.filter((id) => all.has(id));
  if (own.length === 0) return receipt;
  await broughtBack(folder, receipt, options);
  await rewriteShard(folder, plan, receipt, new Set(own));
  await rm(indexPart(folder, receipt.shard), { force: true });
  return (await readReceipt(folder, receipt.shard, receipt.planHash)) ?? receipt;
}

/** Fetches a shard whose file went after it was sent. */
async function broughtBack(folder: string, receipt: Receipt, options: TakeDownOptions): Promise<void> {
  if (options.repository === undefined || (await exists(path.join(folder, receipt.path)))) return;
  const id = repositoryId(options.repository);
  await withHub(options, (client) => fetchShard(client, id, folder, receipt, options.signal));
}
