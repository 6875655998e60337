import type { Row } from "../model/row.ts";
import { rowBytes } from "./columns.ts";
import type { WriteOptions } from "./shard-format.ts";

/** What readers still take in one piece: `datasets` and the Hub's viewer keep their groups below it. */
const MAX_BATCH_BYTES = 100_000_000;

/**
 * Rows in groups of at most `rowGroupBytes`, never above 100 MB; a row that has more by itself is a group of its own.
 * A group is released when the next one is asked for: it must be on disk then.
 */
export async function* batches<T extends Row>(
  rows: AsyncIterable<T>,
  { columns, rowGroupBytes, release }: Pick<WriteOptions, "columns" | "rowGroupBytes" | "release">,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  let held = 0;
  for await (const row of rows) {
    const bytes = rowBytes(row, columns);
    if (batch.length > 0 && held + bytes > Math.min(rowGroupBytes, MAX_BATCH_BYTES)) {
      yield batch;
      release?.(batch);
      batch = [];
      held = 0;
    }
    batch.push(row);
    held += bytes;
  }
  if (batch.length === 0) return;
  yield batch;
  release?.(batch);
}
