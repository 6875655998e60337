import type { Row } from "../model/row.ts";
import { rowBytes } from "./columns.ts";
import type { WriteOptions } from "./shard-format.ts";

/** What readers still take in one piece: `datasets` and the Hub's viewer keep their groups below it. */
const MAX_BATCH_BYTES = 100_000_000;

export const mostGroupBytes = ({ rowGroupBytes }: Pick<WriteOptions, "rowGroupBytes">) =>
  Math.min(rowGroupBytes, MAX_BATCH_BYTES);

/**
 * Tells of row after row whether it begins a group: groups have at most `rowGroupBytes`, never above 100 MB; a row that has
 * more by itself is a group of its own.
 */
export function groupBorders(options: Pick<WriteOptions, "columns" | "rowGroupBytes">) {
  const most = mostGroupBytes(options);
  let held = 0;
  return (row: Row): boolean => {
    const bytes = rowBytes(row, options.columns);
    const begins = held === 0 || held + bytes > most;
    held = begins ? bytes : held + bytes;
    return begins;
  };
}

/** Rows in groups. A group is released when the next one is asked for: it must be on disk then. */
export async function* batches<T extends Row>(
  rows: AsyncIterable<T>,
  options: Pick<WriteOptions, "columns" | "rowGroupBytes" | "release">,
): AsyncGenerator<readonly T[]> {
  const begins = groupBorders(options);
  let batch: T[] = [];
  for await (const row of rows) {
    if (begins(row) && batch.length > 0) {
      yield batch;
      for (const done of batch) options.release?.(done);
      batch = [];
    }
    batch.push(row);
  }
  if (batch.length === 0) return;
  yield batch;
  for (const done of batch) options.release?.(done);
}
