import { readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readFault } from "../files/read-file.ts";
import { syncFolder, writeFault } from "../files/whole-file.ts";
import { type HubAccessOptions, withHub } from "../hub/hub-access.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Row } from "../model/row.ts";
import { fetchShard } from "../output/fetch-shard.ts";
import { finalize } from "../output/finalize.ts";
import { indexPart, receiptPath } from "../output/layout.ts";
import { makeInto, planOf, sha256OfFile, writeInto } from "../output/output-folder.ts";
import { allReceipts, readReceipt, sealed } from "../output/receipts.ts";
import { columnsOf } from "../shards/columns.ts";
import { shardFormat } from "../shards/formats.ts";
import { repositoryId } from "./publish.ts";

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
  await rewrite(folder, plan, receipt, new Set(own), options);
  await rm(indexPart(folder, receipt.shard), { force: true });
  return (await readReceipt(folder, receipt.shard, receipt.planHash)) ?? receipt;
}

/**
 * The shard without some of its rows: new file, new receipt beside the old, then both renamed. After a crash between the
 * two renames the file is the one that the new receipt names, which is then put in its place.
 */
async function rewrite(
  folder: string,
  plan: Plan,
  receipt: Receipt,
  ids: ReadonlySet<string>,
  options: TakeDownOptions,
): Promise<void> {
  const target = path.join(folder, receipt.path);
  const next = `${receiptPath(folder, receipt.shard)}.next`;
  if (options.repository !== undefined && (await stat(target).catch(() => undefined)) === undefined) {
    const id = repositoryId(options.repository);
    await withHub(options, (client) => fetchShard(client, id, folder, receipt, options.signal));
  }
  const sha256 = await sha256OfFile(target).catch((error) => {
    throw new EtlError("not-verified", `${receipt.path}: is not there; run convert again`, error);
  });
  if (sha256 !== receipt.sha256) {
    const pending = await readFile(next, "utf8").then(
      (text) => JSON.parse(text) as Receipt,
      () => undefined,
    );
    if (pending?.sha256 === sha256) return rename(next, receiptPath(folder, receipt.shard));
    throw new EtlError("not-verified", `${receipt.path}: is not what its receipt says; run convert again`);
  }
  const { format: name, engine, rowGroupBytes, codec } = plan.output;
  const format = shardFormat(name, engine);
  async function* kept(): AsyncGenerator<Row> {
    for await (const row of (await format.open(target)).rows()) if (!ids.has(row.id)) yield row;
  }
  await makeInto(folder, target, async (temporary) => {
    const columns = columnsOf(plan.output);
    const written = await format.write(temporary, kept(), { columns, rowGroupBytes, codec });
    await writeInto(folder, next, sealed({ ...without(receipt, plan, ids), ...written }));
  });
  await rename(next, receiptPath(folder, receipt.shard)).catch((error) => {
    throw writeFault(error, target);
  });
  await syncFolder(path.dirname(next));
}

function without(receipt: Receipt, plan: Plan, ids: ReadonlySet<string>): Receipt {
  const rejects = plan.rows
    .filter((row) => ids.has(row.id))
    .map(({ id, image, split }) => {
      return { id, image, split, reason: "taken-down", detail: `${id}: taken down after it was converted` };
    });
  return {
    ...receipt,
    ids: receipt.ids.filter((id) => !ids.has(id)),
    volumes: receipt.volumes.filter((_, at) => !ids.has(receipt.ids[at]!)),
    rows: receipt.rows - ids.size,
    rejects: [...receipt.rejects, ...rejects],
    dropped: receipt.dropped.filter(({ id }) => !ids.has(id)),
  };
}
