import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { type ColumnChunk, type FileMetaData, parquetMetadata } from "hyparquet";
import { readOffsetIndex } from "hyparquet/src/indexes.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { bareRow, emptyRow, fullRow, noise, streamOf } from "../../devkit/rows/rows.ts";
import type { ColumnName } from "../../src/model/columns.ts";
import type { Row } from "../../src/model/row.ts";
import { columnsFor, isPayload, rowBytes } from "../../src/shards/columns.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const columns = columnsFor({ volume: true, slices: true, preview: true, splitByCase: true, vqa: true });
const rows: readonly Row[] = [
  fullRow,
  bareRow,
  emptyRow,
  ...Array.from({ length: 5 }, (_, at) => ({
    ...fullRow,
    id: `${at}`,
    volume: at < 4 ? noise(300_000, at) : new Uint8Array(300_000),
  })),
];
const GROUP_BYTES = 700_000;
const folder = temporaryFolder("parquet");

for (const engine of ["hyparquet-writer", "parquetjs-lite"] as const)
  for (const codec of ["none", "snappy"] as const)
    describe(`Parquet files of ${engine}, codec ${codec}`, async () => {
      const file = path.join(folder, `${engine}-${codec}.parquet`);
      const written = shardFormat("parquet", engine).write(file, streamOf(rows), {
        columns,
        rowGroupBytes: GROUP_BYTES,
        codec,
      });
      const opened = async () => {
        await written;
        const bytes = (await readFile(file)).buffer as ArrayBuffer;
        return { bytes, metadata: parquetMetadata(bytes) };
      };

      test("row groups hold what fits, and no more", async () => {
        const { metadata } = await opened();
        let at = 0;
        for (const { num_rows } of metadata.row_groups) {
          const group = rows.slice(at, (at += Number(num_rows)));
          const held = group.reduce((sum, row) => sum + rowBytes(row, columns), 0);
          assert.ok(held <= GROUP_BYTES);
          if (at < rows.length) assert.ok(held + rowBytes(rows[at]!, columns) > GROUP_BYTES);
        }
        assert.deepEqual([at, metadata.row_groups.length], [rows.length, 3]);
      });

      test("each chunk has an offset index that finds its pages, and says which row each starts with", async () => {
        const { bytes, metadata } = await opened();
        for (const { columns: chunks, num_rows } of metadata.row_groups)
          for (const chunk of chunks) {
            const { path_in_schema: names, num_values } = chunk.meta_data!;
            const pages = assertPages(bytes, chunk, num_rows);
            if (names[0] !== "volume") continue;
            assert.equal(num_values, num_rows);
            if (engine === "hyparquet-writer") assert.equal(pages, Number(num_rows), "a page a volume");
          }
      });

      test("a row group lies in the file as its columns come: some readers tell whose it is by where its first is", async () => {
        const { metadata } = await opened();
        let end = 4n;
        for (const { columns: chunks } of metadata.row_groups)
          for (const { meta_data } of chunks) {
            const start = meta_data!.dictionary_page_offset ?? meta_data!.data_page_offset;
            assert.ok(start >= end, meta_data!.path_in_schema.join("."));
            end = start + meta_data!.total_compressed_size;
          }
      });

      chunkTests(engine, codec, opened);

      test("DuckDB reads the same rows", async () => {
        await written;
        const found =
          await duckdb(`select id, sha256(report) as report_sha256, subsets, crop_box, octet_length(volume.bytes) as volume_bytes,
          sha256(volume.bytes) as volume_sha256, len(slices) as images, slices[1].path as first_path,
          preview.path as preview_path, sha256(preview.bytes) as preview_sha256, slice_count, plane
          from '${file}'`);
        assert.deepEqual(found, rows.map(asDuckdb));
        assert.deepEqual(await duckdb(`select count(*)::int as rows from '${file}' where slice_count > 2`), [
          { rows: 1 },
        ]);
        assert.deepEqual(await duckdb(`select id from '${file}' where id = '3'`), [{ id: "3" }]);
      });
    });

interface Opened {
  readonly bytes: ArrayBuffer;
  readonly metadata: FileMetaData;
}

function chunkTests(engine: string, codec: string, opened: () => Promise<Opened>): void {
  test("payloads have no statistics and one encoding; images are not compressed again", async () => {
    const { metadata } = await opened();
    for (const { meta_data } of chunksOf(metadata)) {
      const { path_in_schema: names, statistics, encodings, codec: used } = meta_data!;
      if (!isPayload(names[0] as ColumnName)) continue;
      assert.deepEqual(
        [statistics?.min_value, statistics?.max_value, statistics?.min],
        [undefined, undefined, undefined],
      );
      assert.ok(!encodings.some((encoding) => encoding.includes("DICTIONARY")), names.join("."));
      if (names[0] !== "volume" || codec === "none") assert.equal(used, "UNCOMPRESSED", names.join("."));
    }
  });

  test("uncompressed sizes are those before compression", async () => {
    const { metadata } = await opened();
    let at = 0;
    for (const { total_byte_size, num_rows, columns: chunks } of metadata.row_groups) {
      const group = rows.slice(at, (at += Number(num_rows)));
      const held = group.reduce((sum, { volume }) => sum + (volume?.byteLength ?? 0), 0);
      const volume = chunks.find(({ meta_data }) => meta_data!.path_in_schema[0] === "volume")!.meta_data!;
      assert.ok(volume.total_uncompressed_size >= held, `${volume.total_uncompressed_size} of ${held} bytes`);
      assert.ok(total_byte_size >= volume.total_uncompressed_size);
    }
  });

  test("a column index has all that the format asks of one", async () => {
    const { bytes, metadata } = await opened();
    for (const { meta_data, column_index_offset } of chunksOf(metadata)) {
      if (column_index_offset === undefined) continue;
      const index = deserializeTCompactProtocol({ view: new DataView(bytes), offset: Number(column_index_offset) });
      for (const field of ["field_1", "field_2", "field_3", "field_4"])
        assert.ok(field in index, `${meta_data!.path_in_schema.join(".")}: no ${field}`);
    }
  });

  if (engine === "hyparquet-writer")
    test("light columns have the statistics that readers skip groups by", async () => {
      const { metadata } = await opened();
      const first = metadata.row_groups[0]!.columns.map(({ meta_data }) => meta_data!);
      const id = first.find(({ path_in_schema }) => path_in_schema[0] === "id")!;
      assert.deepEqual([id.statistics?.min_value, id.statistics?.max_value?.toString().slice(0, 9)], ["", "ct_quizze"]);
    });
}

const sha256 = (bytes: Uint8Array | null | undefined) =>
  bytes ? createHash("sha256").update(bytes).digest("hex") : null;

function asDuckdb(row: Row): Record<string, unknown> {
  return {
    id: row.id,
    report_sha256: row.report === null ? null : sha256(new TextEncoder().encode(row.report)),
    subsets: row.subsets,
    crop_box: row.crop_box,
    volume_bytes: row.volume === null ? null : String(row.volume.byteLength),
    volume_sha256: sha256(row.volume),
    images: row.slices === null ? null : String(row.slices.length),
    first_path: row.slices?.[0]?.path ?? null,
    preview_path: row.preview?.path ?? null,
    preview_sha256: sha256(row.preview?.bytes),
    slice_count: row.slice_count,
    plane: row.plane,
  };
}

async function duckdb(query: string): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(query)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

function chunksOf(metadata: FileMetaData): readonly ColumnChunk[] {
  return metadata.row_groups.flatMap(({ columns: chunks }) => chunks);
}

/** The pages that the offset index names are all that the chunk has, one after the other. Returns how many there are. */
function assertPages(bytes: ArrayBuffer, chunk: ColumnChunk, rows: bigint): number {
  const { data_page_offset, dictionary_page_offset, path_in_schema, ...meta } = chunk.meta_data!;
  const name = path_in_schema.join(".");
  const pages = pagesOf(bytes, chunk);
  assert.equal(pages[0]?.first_row_index, 0n, name);
  let row = -1n;
  let [end, plainBytes] = [Number(data_page_offset), 0];
  for (const { offset, compressed_page_size, first_row_index } of pages) {
    const reader = { view: new DataView(bytes), offset: Number(offset) };
    const header = deserializeTCompactProtocol(reader);
    assert.deepEqual([Number(offset), header["field_1"]], [end, 3], `${name}: a data page after the last`);
    end = Number(offset) + compressed_page_size;
    assert.equal(reader.offset + header["field_3"], end, name);
    plainBytes += reader.offset - Number(offset) + header["field_2"];
    assert.ok(first_row_index > row && first_row_index < rows, `${name} row ${first_row_index}`);
    row = first_row_index;
  }
  const start = dictionary_page_offset ?? data_page_offset;
  assert.equal(end, Number(start + meta.total_compressed_size), name);
  if (start === data_page_offset) assert.equal(plainBytes, Number(meta.total_uncompressed_size), name);
  return pages.length;
}

function pagesOf(bytes: ArrayBuffer, chunk: ColumnChunk) {
  assert.ok(chunk.offset_index_offset !== undefined, chunk.meta_data!.path_in_schema.join("."));
  const start = Number(chunk.offset_index_offset);
  return readOffsetIndex({ view: new DataView(bytes, start, chunk.offset_index_length), offset: 0 }).page_locations;
}
