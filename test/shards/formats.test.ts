import assert from "node:assert/strict";
import { test } from "node:test";
import { arrow, parquet, parquetjs, shardFormat } from "../../src/shards/formats.ts";
import { shardFormatSuite } from "../conformance/shard-format.ts";

for (const format of [parquet, parquetjs, arrow]) shardFormatSuite(format);

test("a plan's format and engine name one format", () => {
  assert.equal(shardFormat("parquet", "hyparquet-writer"), parquet);
  assert.equal(shardFormat("parquet", "parquetjs-lite"), parquetjs);
  assert.equal(shardFormat("arrow", "hyparquet-writer"), arrow);
  assert.equal(shardFormat("arrow", "parquetjs-lite"), arrow);
});
