import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyRow } from "../../devkit/rows/any-row.ts";
import { fullRow } from "../../devkit/rows/rows.ts";
import { columnNames, columnTable } from "../../src/model/columns.ts";
import { Row } from "../../src/model/row.ts";
import { columnsFor, indexColumns } from "../../src/shards/columns.ts";

test("the check of rows takes what their type allows, and null only where the table says so", () => {
  fc.assert(fc.property(anyRow, (row) => assert.deepEqual(Row.parse(row), row)));
  for (const name of Object.keys(fullRow) as (keyof Row)[])
    assert.equal(Row.safeParse({ ...fullRow, [name]: null }).success, columnTable[name].nullable === true, name);
  assert.ok(!Row.safeParse({ ...fullRow, shard: "data/train-00000-of-00001.parquet" }).success);
  assert.ok(!Row.safeParse({ ...fullRow, volume_dtype: "int8" }).success);
});

test("a shard has the columns that were asked for, the index all light ones and its own", () => {
  const least = columnsFor({ volume: false, slices: false, preview: false });
  assert.deepEqual(
    columnNames.filter((name) => !least.includes(name)),
    ["split_by_case", "vqa", "volume", "volume_shape", "volume_dtype", "slices", "preview", "shard", "row"],
  );
  assert.deepEqual(
    columnNames.filter((name) => !indexColumns({ splitByCase: false, vqa: false }).includes(name)),
    ["split_by_case", "vqa", "volume", "slices", "preview"],
  );
});
