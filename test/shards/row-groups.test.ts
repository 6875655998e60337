import assert from "node:assert/strict";
import { test } from "node:test";
import { fullRow } from "../../devkit/rows/rows.ts";
import { Output } from "../../src/model/selection.ts";
import { groupBorders } from "../../src/shards/batches.ts";
import { columnsOf } from "../../src/shards/columns.ts";

/** How many rows the first group has by default, of rows that are alike. */
function rowsPerGroup(volumeBytes: number): number {
  const output = Output.parse({});
  const begins = groupBorders({ columns: columnsOf(output), rowGroupBytes: output.rowGroupBytes });
  const row = { ...fullRow, volume: new Uint8Array(volumeBytes), slices: null, preview: null };
  begins(row);
  let rows = 1;
  while (!begins(row)) rows += 1;
  return rows;
}

test("who reads one volume of floats reads no other: by default it is alone in its row group", () => {
  const voxels = 32 * 256 * 256;
  assert.deepEqual([rowsPerGroup(voxels * 4), rowsPerGroup(voxels * 2), rowsPerGroup(voxels)], [1, 1, 3]);
});

test("small rows share a group by the hundred, as every group costs the footer", () => {
  assert.ok(rowsPerGroup(1000) > 100);
});
