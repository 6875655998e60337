import { stat } from "node:fs/promises";
import { parquetLayout } from "./parquet/layout.ts";

/** Bytes of a shard's cells without compression, near enough to what `datasets` calls num_bytes; read from the footer. */
export async function dataBytesOf(file: string): Promise<number> {
  // Arrow shards are not compressed.
  return file.endsWith(".parquet") ? (await parquetLayout(file)).dataBytes : (await stat(file)).size;
}
