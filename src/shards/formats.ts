import type { Output } from "../model/selection.ts";
import type { OpenShard, ShardFormat } from "./shard-format.ts";

// A format's library is loaded with its first file: Arrow's alone would take a quarter of the time that a command, and
// each of its threads, needs to start.
const openParquet = async (path: string): Promise<OpenShard> => (await import("./parquet/read.ts")).openParquet(path);
const openArrow = async (path: string): Promise<OpenShard> => (await import("./arrow/read.ts")).openArrow(path);

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
  open: openArrow,
};
const arrowStream: ShardFormat = {
  name: "arrow-stream",
  extension: "arrow",
  write: async (...file) => (await import("./arrow/write.ts")).writeArrowStream(...file),
  open: openArrow,
};

/** Every format there is. */
export const shardFormats: readonly ShardFormat[] = [parquet, parquetjs, arrow, arrowStream];

/** The format that a plan names. */
export function shardFormat(format: Output["format"], engine: Output["engine"]): ShardFormat {
  if (format === "arrow") return arrow;
  if (format === "arrow-stream") return arrowStream;
  return engine === "parquetjs-lite" ? parquetjs : parquet;
}
