import { gunzipSync } from "node:zlib";
import {
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { uncompressSync } from "snappy";
import { withFile } from "../../files/written-file.ts";
import type { ColumnName } from "../../model/columns.ts";
import type { Row } from "../../model/row.ts";
import type { OpenShard } from "../shard-format.ts";
import { toRow } from "../to-row.ts";
import { bufferOf } from "./async-buffer.ts";
import { zstd } from "./zstd.ts";

/** By code that the writer does not share, but for snappy and Zstandard, whose others take seven times as long. */
async function compressorsFor({ row_groups }: FileMetaData): Promise<Compressors> {
  const had = new Set(row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec)));
  const compressors: Compressors = {
    SNAPPY: (bytes) =>
      uncompressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { asBuffer: true }) as Uint8Array,
    GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)),
  };
  if (had.has("ZSTD")) {
    const { decompress } = await zstd();
    compressors.ZSTD = (bytes) => decompress(bytes);
  }
  if (had.has("LZ4_RAW")) {
    const { decompressLz4Raw } = await import("hyparquet-compressors");
    // A page of nulls has no bytes, and its block a single zero.
    compressors.LZ4_RAW = (bytes, size) => (size === 0 ? new Uint8Array(0) : decompressLz4Raw(bytes, size));
  }
  return compressors;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** hyparquet's own would take a byte order mark off, which is part of a report's text. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
};

/** Opens a Parquet file with hyparquet: a reader that shares no code with either writer. */
export async function openParquet(path: string): Promise<OpenShard> {
  const metadata = await withFile(path, async (file) => parquetMetadataAsync(await bufferOf(file)));
  const known = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  const compressors = await compressorsFor(metadata);
  const names = parquetSchema(metadata).children.map((child) => child.element.name as ColumnName);
  return {
    rowCount: Number(metadata.num_rows),
    columns: names,
    features: known === undefined ? null : JSON.parse(known),
    rows: (columns = names) =>
      readRows(
        path,
        { metadata, compressors },
        names.filter((name) => columns.includes(name)),
      ),
  };
}

interface Opened {
  readonly metadata: FileMetaData;
  readonly compressors: Compressors;
}

async function* readRows(path: string, opened: Opened, columns: ColumnName[]): AsyncGenerator<Row> {
  let rowStart = 0;
  for (const group of opened.metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const range = { rowStart, rowEnd, columns };
    const rows = await withFile(path, async (handle) => {
      const file = await bufferOf(handle);
      return parquetReadObjects({ file, ...opened, ...range, parsers, utf8: false });
    });
    for (const row of rows) yield toRow(row);
    rowStart = rowEnd;
  }
}
