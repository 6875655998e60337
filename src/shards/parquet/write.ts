import { setImmediate as nextTurn } from "node:timers/promises";
import { type ColumnSource, ParquetWriter } from "hyparquet-writer";
import { createFile, type Written } from "../../files/written-file.ts";
import type { ColumnName } from "../../model/columns.ts";
import type { Row } from "../../model/row.ts";
import { groupBorders, mostGroupBytes } from "../batches.ts";
import { isPayload } from "../columns.ts";
import { features } from "../features.ts";
import type { WriteOptions } from "../shard-format.ts";
import { codecs, packingOf } from "./codecs.ts";
import { fileWriter } from "./file-writer.ts";
import { serializeTCompactProtocol } from "./hyparquet-writer-internals.ts";
import { parquetSchema } from "./schema.ts";
import { VolumePages } from "./volume-pages.ts";

/** A page for each 64 KiB, volume and series of slices: a reader that follows the page index then reads single rows. */
const PAGE_BYTES = 1 << 16;

/** Writes rows with hyparquet-writer: a volume becomes a page when it comes, what else a row group has when it is full. */
export async function writeParquet(path: string, rows: AsyncIterable<Row>, options: WriteOptions): Promise<Written> {
  const { columns, codec, layout, release } = options;
  const packing = await packingOf(codec);
  return createFile(path, async (sink) => {
    const writer = fileWriter(sink);
    const kvMetadata = [{ key: "huggingface", value: JSON.stringify(features(columns, layout)) }];
    const parquet = new ParquetWriter({
      writer,
      schema: parquetSchema(columns, layout),
      codec: codecs[codec],
      compressors: { [codecs[codec]]: packing.pack },
      kvMetadata,
    });
    const volumes = columns.includes("volume") ? new VolumePages(packing, mostGroupBytes(options), layout) : undefined;
    const begins = groupBorders(options);
    let group: Row[] = [];
    // What is written does not wait for the disk; in a thread with other work, that has its turn after each part.
    const close = async () => {
      if (group.length > 0) writeGroup(parquet, group, columns, volumes);
      for (const { slices } of group) release?.({ slices });
      group = [];
      await nextTurn();
    };
    for await (const row of rows) {
      if (begins(row)) await close();
      group.push({ ...row, volume: null });
      if (!volumes) continue;
      volumes.add(row.volume);
      release?.({ volume: row.volume });
      await nextTurn();
    }
    await close();
    indexSinglePages(parquet, writer);
    await parquet.finish();
  });
}

/** With volumes it is written in three parts, as the columns come: those before, the volumes, and those after. */
function writeGroup(
  parquet: ParquetWriter,
  group: readonly Row[],
  columns: readonly ColumnName[],
  volumes: VolumePages | undefined,
): void {
  const write = (names: readonly ColumnName[]) => {
    const columnData = names.map((name) => columnSource(name, group));
    void parquet.write({ columnData, rowGroupSize: group.length, pageSize: PAGE_BYTES });
  };
  if (!volumes) return write(columns);
  const [at, groups, rows] = [columns.indexOf("volume"), parquet.row_groups.length, parquet.num_rows];
  const num_rows = BigInt(group.length);
  write(columns.slice(0, at));
  const volume = volumes.moveTo(parquet);
  const before = parquet.row_groups.splice(groups);
  parquet.pendingIndexes.push(volume);
  write(columns.slice(at + 1));
  const parts = [...before, { columns: [volume.chunk] }, ...parquet.row_groups.splice(groups)];
  parquet.num_rows = rows + num_rows;
  const chunks = parts.flatMap((part) => part.columns);
  const sum = (key: "total_uncompressed_size" | "total_compressed_size") =>
    chunks.reduce((total, { meta_data }) => total + meta_data![key], 0n);
  parquet.row_groups.push({
    columns: chunks,
    num_rows,
    total_byte_size: sum("total_uncompressed_size"),
    total_compressed_size: sum("total_compressed_size"),
  });
}

function columnSource(name: ColumnName, rows: readonly Row[]): ColumnSource {
  const data = rows.map((row) => (row as Record<string, unknown>)[name] ?? null);
  if (!isPayload(name)) return { name, data };
  // JPEG and PNG bytes do not get smaller.
  return { name, data, encoding: "PLAIN", statistics: false, codec: "UNCOMPRESSED" };
}

interface PendingIndex {
  readonly offsetIndex?: unknown;
  readonly chunk: {
    file_offset: bigint;
    offset_index_offset?: bigint;
    offset_index_length?: number;
    meta_data?: { data_page_offset: bigint; total_compressed_size: bigint };
  };
}

/** hyparquet-writer gives no offset index to a chunk of one page, and readers then ignore the others' too: add them. */
function indexSinglePages(parquet: ParquetWriter, writer: ReturnType<typeof fileWriter>): void {
  for (const { offsetIndex, chunk } of (parquet as unknown as { pendingIndexes: PendingIndex[] }).pendingIndexes) {
    if (offsetIndex || !chunk.meta_data) continue;
    const { data_page_offset, total_compressed_size } = chunk.meta_data;
    const pageBytes = Number(chunk.file_offset + total_compressed_size - data_page_offset);
    const offset = writer.offset;
    serializeTCompactProtocol(writer, { field_1: [{ field_1: data_page_offset, field_2: pageBytes, field_3: 0n }] });
    chunk.offset_index_offset = BigInt(offset);
    chunk.offset_index_length = writer.offset - offset;
  }
}
