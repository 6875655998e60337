import { gunzipSync } from "node:zlib";
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { uncompressSync } from "snappy";
import { withFile } from "../../files/written-file.ts";
import type { ColumnName } from "../../model/columns.ts";
import type { Row } from "../../model/row.ts";
import type { OpenShard } from "../shard-format.ts";
import { toRow } from "../to-row.ts";
import { bufferOf } from "./async-buffer.ts";

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
  const metadata = await withFile(path, async (file) => parquetMetadataAsync(await bufferOf(file)));
  const known = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  const names = parquetSchema(metadata).children.map((child) => child.element.name as ColumnName);
  return {
    rowCount: Number(metadata.num_rows),
    columns: names,
    features: known === undefined ? null : JSON.parse(known),
    rows: (columns = names) =>
      readRows(
        path,
        metadata,
        names.filter((name) => columns.includes(name)),
      ),
  };
}

async function* readRows(path: string, metadata: FileMetaData, columns: ColumnName[]): AsyncGenerator<Row> {
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const range = { rowStart, rowEnd, columns };
    const rows = await withFile(path, async (handle) => {
      const file = await bufferOf(handle);
      return parquetReadObjects({ file, metadata, ...range, compressors, parsers, utf8: false });
    });
    for (const row of rows) yield toRow(row);
    rowStart = rowEnd;
  }
}
