import { open } from "node:fs/promises";
import parquetjs from "parquetjs-lite";
import type { Row } from "../../model/row.ts";
import { batches } from "../batches.ts";
import { type ColumnName, type ColumnType, columnTypes, features, isPayload } from "../columns.ts";
import type { WriteOptions } from "../shard-format.ts";

type Codec = "UNCOMPRESSED" | "SNAPPY" | "GZIP";
const codecs = { none: "UNCOMPRESSED", snappy: "SNAPPY", gzip: "GZIP" } as const;

/** Writes rows with parquetjs-lite: slower than the default, for those who want a second writer's opinion. */
export async function writeParquetJs(
  path: string,
  rows: AsyncIterable<Row>,
  { columns, rowGroupBytes, codec }: WriteOptions,
): Promise<void> {
  const fields = columns.map((name) => [
    name,
    field(columnTypes[name], name === "volume" || !isPayload(name) ? codecs[codec] : "UNCOMPRESSED"),
  ]);
  const schema = new parquetjs.ParquetSchema(Object.fromEntries(fields));
  const writer = await parquetjs.ParquetWriter.openFile(schema, path, {
    flags: "wx",
    pageSize: 1,
    useDataPageV2: true,
  });
  try {
    writer.setMetadata("huggingface", JSON.stringify(features(columns)));
    for await (const batch of batches(rows, columns, rowGroupBytes)) {
      // The writer closes a group when it holds so many rows: told the batch's number, it closes at the batch's end.
      writer.setRowGroupSize(batch.length);
      for (const row of batch) await writer.appendRow(shredded(row, columns));
    }
  } finally {
    await writer.close();
  }
  const file = await open(path, "r+");
  await file.sync();
  await file.close();
}

/** Its statistics would hold whole binary cells, twice a page: off for everything that is not short text or a number. */
function field(type: ColumnType, compression: Codec): Record<string, unknown> {
  const list = /^list<(.*)>$/.exec(type);
  const common = { optional: true, compression };
  if (list)
    return {
      ...common,
      type: "LIST",
      fields: { list: { repeated: true, fields: { element: field(list[1] as ColumnType, compression) } } },
    };
  if (type === "image")
    return { ...common, fields: { bytes: field("binary", compression), path: field("string", compression) } };
  if (type === "string") return { ...common, type: "UTF8", statistics: false };
  return type === "int32" ? { ...common, type: "INT32" } : { ...common, type: "BYTE_ARRAY", statistics: false };
}

/** Absent instead of null, lists in the three levels of the file. */
function shredded(row: Row, columns: readonly ColumnName[]): Record<string, unknown> {
  const cells = columns.map((name) => [name, cellOf((row as Record<string, unknown>)[name])]);
  return Object.fromEntries(cells.filter(([, value]) => value !== undefined));
}

function cellOf(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return { list: value.map((item) => ({ element: cellOf(item) })) };
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (item === null ? [] : [[name, cellOf(item)]])),
  );
}
