import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { reportText } from "../../devkit/phantoms/report-text.ts";
import { planeAndPhase } from "../../src/m3d-cap/series-name.ts";
import type { Plan, PlannedRow } from "../../src/model/plan.ts";
import type { Receipt } from "../../src/model/receipt.ts";
import type { IndexRow } from "../../src/model/row.ts";
import type { Sent } from "../../src/model/verified.ts";
import { indexPart, receiptPath, sentPath } from "../../src/output/layout.ts";
import { claimFolder } from "../../src/output/output-folder.ts";
import { sealed } from "../../src/output/receipts.ts";
import { planHash } from "../../src/plan/plan-hash.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { indexColumns } from "../../src/shards/columns.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { openSource } from "../../src/source/open-source.ts";

/**
 * The folder of a conversion that was sent to the Hub, shard by shard, without its pixels: plan, receipts, marks, and each
 * shard's index rows. What is left to do is `finalize`. Gives the number of rows.
 */
export async function writeConverted(repo: string, folder: string, env: Record<string, string>): Promise<number> {
  Object.assign(process.env, env);
  const source = await openSource(repo);
  const { plan } = await planConversion(source);
  await source.close();
  await claimFolder(folder, plan);
  await mkdir(path.dirname(sentPath(folder, 0)), { recursive: true });
  await mkdir(path.dirname(indexPart(folder, 0)), { recursive: true });
  const columns = indexColumns(plan.output);
  for (const [shard, { first, end, path: name }] of plan.shards.entries()) {
    const rows = plan.rows.slice(first, end);
    const sha256 = digest(name);
    const common = { path: name, byteLength: 1, sha256, rows: rows.length };
    const sent: Sent = { version: 1, repository: "made-up/out", ...common, dataBytes: 1 };
    const receipt: Receipt = {
      version: 1,
      shard,
      of: plan.shards.length,
      planHash: planHash(plan),
      ...common,
      ids: rows.map(({ id }) => id),
      volumes: rows.map(({ id }) => digest(id)),
      rejects: [],
      dropped: [],
    };
    await writeFile(receiptPath(folder, shard), sealed(receipt));
    await writeFile(sentPath(folder, shard), JSON.stringify(sent));
    await shardFormat("parquet", "hyparquet-writer").write(indexPart(folder, shard), indexRows(plan, rows), {
      columns,
      rowGroupBytes: 16_000_000,
      codec: "snappy",
    });
  }
  return plan.rows.length;
}

async function* indexRows(plan: Plan, rows: readonly PlannedRow[]): AsyncGenerator<IndexRow> {
  for (const row of rows) {
    // As long as the real reports are in the mean.
    const report = reportText(`${row.collection}/${row.caseId}`).repeat(2);
    yield {
      id: row.id,
      image: row.image,
      collection: row.collection,
      case_id: row.caseId,
      series: row.series,
      ...planeAndPhase(row.series),
      split: row.split,
      subsets: row.subsets,
      split_by_case: null,
      report,
      report_source: "study_findings",
      report_raw: report,
      report_sections: null,
      vqa: null,
      volume: null,
      volume_shape: [1, 32, 256, 256],
      volume_dtype: "float32",
      slices: null,
      preview: null,
      slice_count: row.slices,
      slice_height: 512,
      slice_width: 512,
      slices_dropped: 0,
      crop_box: [0, row.slices, 0, 512, 0, 512],
      intensity_range: [0, 255],
      pixels_sha256: digest(row.id),
      source_file: plan.archives[row.archive]!.path,
      source_revision: plan.source.revision,
      shard: "",
      row: 0,
    };
  }
}

/** Finds the axial series of test in an index, by DuckDB and by hyparquet, and tells how long that takes. */
export async function filtered(file: string) {
  const database = await (await DuckDBInstance.create()).connect();
  const started = performance.now();
  const answer = await database.runAndReadAll(
    `select count(*) from '${file}' where split = 'test' and plane = 'axial' and report_raw ilike '%nodule%'`,
  );
  const between = performance.now();
  const filter = { split: { $eq: "test" }, plane: { $eq: "axial" } };
  const columns = ["id", "split", "plane", "report_raw"];
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file), columns, filter });
  const found = rows.filter((row) => /nodule/i.test(row["report_raw"]));
  const ended = performance.now();
  database.closeSync();
  if (BigInt(found.length) !== answer.getRows()[0]![0]) throw new Error("DuckDB and hyparquet find different rows");
  const seconds = (ms: number) => Number((ms / 1000).toFixed(2));
  return { found: found.length, duckdbSeconds: seconds(between - started), hyparquetSeconds: seconds(ended - between) };
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
