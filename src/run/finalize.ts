import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import type { Plan, Reject } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { type IndexRow, indexColumns } from "../shards/columns.ts";
import { shardFormat } from "../shards/formats.ts";
import { syncFolder, writeFault, writeWhole } from "./cache-folder.ts";
import { dataSetCard } from "./card.ts";
import { allReceipts, readPlan, temporaryFile } from "./output-folder.ts";

/** An index group is light: a million rows would fit, the viewer wants less. */
const INDEX_GROUP_BYTES = 16_000_000;

/** Writes what a whole conversion has besides its shards: index.parquet, rejects.jsonl, the card. Safe to repeat. */
export async function finalize(folder: string): Promise<{ plan: Plan; receipts: readonly Receipt[] }> {
  const plan = await readPlan(folder);
  if (!plan)
    throw new EtlError("source-not-found", `${folder}: holds no conversion (.voxshard/plan.json is not there)`);
  const receipts = await allReceipts(folder, plan);
  await writeIndex(folder, plan, receipts);
  await writeWhole(path.join(folder, "rejects.jsonl"), rejectLines(plan, receipts));
  await writeWhole(path.join(folder, "README.md"), dataSetCard(plan, receipts));
  return { plan, receipts };
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

async function writeIndex(folder: string, plan: Plan, receipts: readonly Receipt[]): Promise<void> {
  const target = path.join(folder, "index.parquet");
  const temporary = temporaryFile(folder, "index.parquet");
  try {
    const columns = indexColumns(plan.output);
    await shardFormat("parquet", "hyparquet-writer").write(temporary, indexRows(folder, plan, receipts), {
      columns,
      rowGroupBytes: INDEX_GROUP_BYTES,
      codec: "snappy",
    });
    await rename(temporary, target);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeFault(error, target);
  }
}

/** The light columns of every row, read back from the shards, with where the row lies. */
async function* indexRows(folder: string, plan: Plan, receipts: readonly Receipt[]): AsyncGenerator<IndexRow> {
  const format = shardFormat(plan.output.format, plan.output.engine);
  const light = indexColumns(plan.output).filter((name) => name !== "shard" && name !== "row");
  for (const receipt of receipts) {
    let at = 0;
    const shard = await format.open(path.join(folder, receipt.path));
    for await (const row of shard.rows(light)) yield { ...row, shard: receipt.path, row: at++ };
  }
}
