import assert from "node:assert/strict";
import { test } from "node:test";
import { shardFormatSuite } from "../../devkit/conformance/shard-format.ts";
import { shardFormat, shardFormats } from "../../src/shards/formats.ts";

for (const format of shardFormats) shardFormatSuite(format);

test("a plan's format and engine name one format", () => {
  assert.deepEqual(
    [
      shardFormat("parquet", "hyparquet-writer").name,
      shardFormat("parquet", "parquetjs-lite").name,
      shardFormat("arrow", "hyparquet-writer").name,
      shardFormat("arrow", "parquetjs-lite").name,
      shardFormat("arrow-stream", "hyparquet-writer").name,
    ],
    ["hyparquet-writer", "parquetjs-lite", "arrow", "arrow", "arrow-stream"],
  );
});
