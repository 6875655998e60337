import assert from "node:assert/strict";
import { type FileHandle, open, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { mock, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import { bareRow, emptyRow, fullRow, largeRows, streamOf } from "../../devkit/rows/rows.ts";
import { isFault } from "../../src/errors.ts";
import { columnsFor, indexColumns } from "../../src/shards/columns.ts";
import { features } from "../../src/shards/features.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const columns = columnsFor({ volume: true, slices: true, preview: true, splitByCase: true, vqa: true });
const format = shardFormat("arrow", "hyparquet-writer");
const folder = temporaryFolder("arrow");

test("the library's own reader finds the schema, the features, and batches of bounded bytes", async () => {
  const file = path.join(folder, "batches.arrow");
  await format.write(file, largeRows(7, 300_000), { columns, rowGroupBytes: 700_000, codec: "snappy" });
  const { batches, schema } = tableFromIPC(await readFile(file));
  assert.deepEqual(
    batches.map((batch) => batch.numRows),
    [2, 2, 2, 1],
  );
  assert.deepEqual(JSON.parse(schema.metadata.get("huggingface")!), features(columns));
  assert.ok(schema.fields.every((field) => field.nullable));
  const types = Object.fromEntries(schema.fields.map(({ name, type }) => [name, String(type)]));
  assert.deepEqual(
    [types["id"], types["volume"], types["preview"], types["slices"], types["crop_box"]],
    [
      "Utf8",
      "Struct<{bytes:Binary}>",
      "Struct<{bytes:Binary, path:Utf8}>",
      "List<Struct<{bytes:Binary, path:Utf8}>>",
      "List<Int32>",
    ],
  );
});

test("the library's own reader finds the same cells", async () => {
  const file = path.join(folder, "cells.arrow");
  const rows = [fullRow, bareRow, emptyRow];
  await format.write(file, streamOf(rows), { columns, rowGroupBytes: 1, codec: "none" });
  const table = tableFromIPC(await readFile(file));
  for (const [at, row] of rows.entries()) {
    const cell = (name: string) => table.getChild(name)!.get(at);
    assert.deepEqual([cell("id"), cell("plane"), cell("slice_count")], [row.id, row.plane, row.slice_count]);
    assert.deepEqual(cell("volume")?.bytes ?? null, row.volume);
    assert.deepEqual(cell("crop_box") && [...cell("crop_box")], row.crop_box);
    assert.deepEqual(cell("slices")?.get(2)?.path ?? null, row.slices?.[2]?.path ?? null);
    assert.deepEqual(cell("preview")?.bytes ?? null, row.preview?.bytes ?? null);
  }
});

test("light columns are read without the volumes", async () => {
  const file = path.join(folder, "light.arrow");
  await format.write(file, largeRows(10, 1_000_000), { columns, rowGroupBytes: 3_000_000, codec: "none" });
  const bytesRead = await countReads(file);
  const shard = await format.open(file);
  const ids: string[] = [];
  for await (const { id, volume } of shard.rows(indexColumns({ splitByCase: true, vqa: true })))
    ids.push(id + (volume ?? ""));
  assert.deepEqual([shard.rowCount, ids.length, ids[9]], [10, 10, "ct_case/9/Axial"]);
  assert.ok(bytesRead() < 100_000, `${bytesRead()} bytes read`);
  mock.restoreAll();
});

test("a row that Arrow's offsets cannot span is refused", async () => {
  // Its bytes are never touched: the length alone decides.
  const volume = new Uint8Array(2 ** 31);
  const file = path.join(folder, "large.arrow");
  const written = format.write(file, streamOf([{ ...fullRow, volume }]), { columns, rowGroupBytes: 1, codec: "none" });
  await assert.rejects(written, (error) => isFault(error, "limit-exceeded"));
});

test("a file that is no Arrow file is not opened", async () => {
  const file = path.join(folder, "other.arrow");
  await writeFile(file, "PAR1 and some more text that is no Arrow file");
  await assert.rejects(format.open(file));
});

test("a stream that is cut short is not opened, wherever it ends", async () => {
  const [file, short] = [path.join(folder, "whole.arrow"), path.join(folder, "cut.arrow")];
  await shardFormat("arrow-stream", "hyparquet-writer").write(file, streamOf([fullRow, bareRow]), {
    columns,
    rowGroupBytes: 1,
    codec: "none",
  });
  const bytes = await readFile(file);
  assert.equal((await format.open(file)).rowCount, 2);
  for (const length of [0, 4, 11, 300, bytes.length >> 1, bytes.length - 8, bytes.length - 1]) {
    await writeFile(short, bytes.subarray(0, length));
    await assert.rejects(format.open(short), (error) => isFault(error, "not-verified"), `${length} bytes`);
  }
});

/** Counts the bytes that file handles read from here on. */
async function countReads(file: string): Promise<() => number> {
  const handle = await open(file, "r");
  await handle.close();
  let sum = 0;
  const handles = Object.getPrototypeOf(handle) as FileHandle;
  const { read } = handles;
  mock.method(handles, "read", async function (this: FileHandle, ...range: Parameters<FileHandle["read"]>) {
    const result = await read.apply(this, range);
    sum += result.bytesRead;
    return result;
  });
  return () => sum;
}
