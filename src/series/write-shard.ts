import type { Written } from "../files/written-file.ts";
import type { Row } from "../model/row.ts";
import type { Output } from "../model/selection.ts";
import { columnsOf, layoutOf } from "../shards/columns.ts";
import { shardFormat } from "../shards/formats.ts";
import type { WriteOptions } from "../shards/shard-format.ts";

/** Writes a shard in this thread. Stands alone, so that a thread that only writes need not load the decoders. */
export function writeShard(
  path: string,
  rows: AsyncIterable<Row>,
  output: Output,
  release?: WriteOptions["release"],
): Promise<Written> {
  const { format, engine, rowGroupBytes, codec } = output;
  const options = { columns: columnsOf(output), layout: layoutOf(output), rowGroupBytes, codec, release };
  return shardFormat(format, engine).write(path, rows, options);
}
