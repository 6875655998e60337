import type { OpenShard, ShardFormat } from "./shard-format.ts";

// A format's library is loaded with its first file: Arrow's alone would take a quarter of the time that a command, and
// each of its threads, needs to start.
const openParquet = async (path: string): Promise<OpenShard> => (await import("./parquet/read.ts")).openParquet(path);

const parquet: ShardFormat = {
  name: "hyparquet-writer",
  extension: "parquet",
  write: async (...file) => (await import("./parquet/write.ts")).writeParquet(...file),
  open: openParquet,
};
const parquetjs: ShardFormat = {
  name: "parquetjs-lite",
  extension: "parquet",
  write: async (...file) => (await import("./parquetjs/write.ts")).writeParquetJs(...file),
  open: openParquet,
};
const arrow: ShardFormat = {
  name: "arrow",
  extension: "arrow",
  write: async (...file) => (await import("./arrow/write.ts")).writeArrow(...file),
  open: async (path) => (await import("./arrow/read.ts")).openArrow(path),
};

/** Every format there is. */
export const shardFormats: readonly ShardFormat[] = [parquet, parquetjs, arrow];

/** The format that a plan names. */
export function shardFormat(format: "parquet" | "arrow", engine: "hyparquet-writer" | "parquetjs-lite"): ShardFormat {
  if (format === "arrow") return arrow;
  return engine === "parquetjs-lite" ? parquetjs : parquet;
}
