import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { readCard } from "../hub/card.ts";
import { columnTable } from "../model/columns.ts";
import type { Plan, Reject } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { IndexRow } from "../model/row.ts";
import { dataSetCard } from "../publish/card.ts";
import type { CardFacts, Counted } from "../publish/card-front.ts";
import { indexColumns } from "../shards/columns.ts";
import { dataBytesOf } from "../shards/data-bytes.ts";
import { shardFormat } from "../shards/formats.ts";
import { auditOf } from "./audit-mark.ts";
import { indexPart, sourceCardPath } from "./layout.ts";
import { exists, makeInto, planOf, sweep, writeInto } from "./output-folder.ts";
import { allReceipts } from "./receipts.ts";
import { allSent } from "./sent-marks.ts";

/** An index group is light: a million rows would fit, the viewer wants less. */
const INDEX_GROUP_BYTES = 16_000_000;

/** Writes what a whole conversion has besides its shards: index.parquet, rejects.jsonl, the card. Safe to repeat. */
export async function finalize(folder: string): Promise<{ plan: Plan; receipts: readonly Receipt[] }> {
  const plan = await planOf(folder);
  const receipts = await allReceipts(folder, plan);
  await writeRows(path.join(folder, "index.parquet"), folder, plan, indexRows(folder, plan, receipts));
  await writeInto(folder, path.join(folder, "rejects.jsonl"), rejectLines(plan, receipts));
  await writeCard(folder, plan, receipts);
  await sweep(folder);
  return { plan, receipts };
}

/** The card as it lies in the folder, with what is known by now. */
export async function writeCard(folder: string, plan: Plan, receipts: readonly Receipt[]): Promise<void> {
  const card = dataSetCard(await cardFacts(folder, plan, receipts), "owner/name");
  await writeInto(folder, path.join(folder, "README.md"), card);
}

/** What the card says of a finalized folder. */
export async function cardFacts(folder: string, plan: Plan, receipts: readonly Receipt[]): Promise<CardFacts> {
  const sent = await allSent(folder, plan);
  const shards: Counted[] = [];
  for (const { path: name, shard, sha256, rows, byteLength } of receipts) {
    const known = sent.get(shard);
    const dataBytes = known?.sha256 === sha256 ? known.dataBytes : await dataBytesOf(path.join(folder, name));
    shards.push({ rows, byteLength, dataBytes });
  }
  const file = path.join(folder, "index.parquet");
  const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
  const index = { rows, byteLength: (await stat(file)).size, dataBytes: await dataBytesOf(file) };
  const card = await readFile(sourceCardPath(folder), "utf8").catch(() => undefined);
  const audit = await auditOf(folder, receipts);
  return { plan, receipts, shards, index, source: readCard(card), ...(audit && { audit }) };
}

/** Rejects known from the plan, then those met on the way, shard by shard. */
export function allRejects(plan: Plan, receipts: readonly Receipt[]): readonly Reject[] {
  return [...plan.rejects, ...receipts.flatMap((receipt) => receipt.rejects)];
}

export function rejectLines(plan: Plan, receipts: readonly Receipt[]): string {
  return allRejects(plan, receipts)
    .map((reject) => `${JSON.stringify(reject)}\n`)
    .join("");
}

/** Keeps a shard's rows for the index, so that the shard itself may go. */
export async function keepIndexRows(folder: string, plan: Plan, receipt: Receipt): Promise<void> {
  await writeRows(indexPart(folder, receipt.shard), folder, plan, shardRows(folder, plan, receipt));
}

const light = shardFormat("parquet", "hyparquet-writer");

async function writeRows(target: string, folder: string, plan: Plan, rows: AsyncIterable<IndexRow>): Promise<void> {
  const columns = indexColumns(plan.output);
  await makeInto(folder, target, (temporary) =>
    light.write(temporary, rows, { columns, rowGroupBytes: INDEX_GROUP_BYTES, codec: "snappy" }),
  );
}

/** The rows of index.parquet. */
export async function* indexRows(folder: string, plan: Plan, receipts: readonly Receipt[]): AsyncGenerator<IndexRow> {
  for (const receipt of receipts) yield* shardRows(folder, plan, receipt);
}

/** The light columns of a shard's rows, read back from it (or from what was kept of it), with where each row lies. */
async function* shardRows(folder: string, plan: Plan, receipt: Receipt): AsyncGenerator<IndexRow> {
  const columns = indexColumns(plan.output).filter((name) => columnTable[name].when !== "index");
  const file = path.join(folder, receipt.path);
  const isHere = await exists(file);
  const format = isHere ? shardFormat(plan.output.format, plan.output.engine) : light;
  const shard = await format.open(isHere ? file : indexPart(folder, receipt.shard));
  let at = 0;
  for await (const row of shard.rows(columns)) yield { ...row, shard: receipt.path, row: at++ };
}
