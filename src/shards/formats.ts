import { EtlError } from "../errors.ts";
import { openParquet } from "./parquet/read.ts";
import { writeParquet } from "./parquet/write.ts";
import type { ShardFormat } from "./shard-format.ts";

const parquet: ShardFormat = { name: "hyparquet-writer", extension: "parquet", write: writeParquet, open: openParquet };

/** The format that a plan names. */
export function shardFormat(format: "parquet" | "arrow", engine: "hyparquet-writer" | "parquetjs-lite"): ShardFormat {
  if (format === "parquet" && engine === "hyparquet-writer") return parquet;
  throw new EtlError("usage", `--format ${format} with --parquet-engine ${engine}: not built yet`);
}
