import { type FileHandle, open } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { uncompressSync } from "snappy";
import type { Row } from "../../model/row.ts";
import { type ColumnName, columnTypes } from "../columns.ts";
import type { OpenShard } from "../shard-format.ts";

const compressors = {
  SNAPPY: (bytes: Uint8Array) =>
    uncompressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { asBuffer: true }) as Uint8Array,
  GZIP: (bytes: Uint8Array) => new Uint8Array(gunzipSync(bytes)),
};

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** hyparquet's own would take a byte order mark off, which is part of a report's text. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
};

/** Opens a Parquet file with hyparquet: a reader that shares no code with either writer. */
export async function openParquet(path: string): Promise<OpenShard> {
  const metadata = await withFile(path, (file) => parquetMetadataAsync(file));
  const known = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  return {
    rowCount: Number(metadata.num_rows),
    columns: parquetSchema(metadata).children.map((child) => child.element.name),
    features: known === undefined ? null : JSON.parse(known),
    rows: (columns) => readRows(path, metadata, columns),
  };
}

async function* readRows(
  path: string,
  metadata: FileMetaData,
  columns: readonly ColumnName[] | undefined,
): AsyncGenerator<Row> {
  const handle = await open(path, "r");
  try {
    const file = await bufferOf(handle);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const wanted = columns ? { columns: [...columns] } : {};
      const rows = await parquetReadObjects({
        file,
        metadata,
        rowStart,
        rowEnd,
        compressors,
        parsers,
        utf8: false,
        ...wanted,
      });
      for (const row of rows) yield toRow(row);
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }
}

/** Columns that are not there, or were not asked for, are null. */
function toRow(found: Record<string, unknown>): Row {
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(columnTypes)) {
    const value = found[name] ?? null;
    if (value !== null || (name !== "shard" && name !== "row")) row[name] = value;
  }
  return row as Row;
}

async function withFile<T>(path: string, use: (file: AsyncBuffer) => Promise<T>): Promise<T> {
  const handle = await open(path, "r");
  try {
    return await use(await bufferOf(handle));
  } finally {
    await handle.close();
  }
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const byteLength = (await handle.stat()).size;
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.byteLength; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.byteLength - at, start + at);
        if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + at}`);
        at += bytesRead;
      }
      return bytes.buffer;
    },
  };
}
