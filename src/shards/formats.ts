import { openArrow } from "./arrow/read.ts";
import { writeArrow } from "./arrow/write.ts";
import { openParquet } from "./parquet/read.ts";
import { writeParquet } from "./parquet/write.ts";
import { writeParquetJs } from "./parquetjs/write.ts";
import type { ShardFormat } from "./shard-format.ts";

const parquet: ShardFormat = { name: "hyparquet-writer", extension: "parquet", write: writeParquet, open: openParquet };
const parquetjs: ShardFormat = {
  name: "parquetjs-lite",
  extension: "parquet",
  write: writeParquetJs,
  open: openParquet,
};
const arrow: ShardFormat = { name: "arrow", extension: "arrow", write: writeArrow, open: openArrow };

/** Every format there is. */
export const shardFormats: readonly ShardFormat[] = [parquet, parquetjs, arrow];

/** The format that a plan names. */
export function shardFormat(format: "parquet" | "arrow", engine: "hyparquet-writer" | "parquetjs-lite"): ShardFormat {
  if (format === "arrow") return arrow;
  return engine === "parquetjs-lite" ? parquetjs : parquet;
}
