import type { Row } from "../model/row.ts";
import { type ColumnName, rowBytes } from "./columns.ts";

/** What readers still take in one piece: `datasets` and the Hub's viewer keep their groups below it. */
const MAX_BATCH_BYTES = 100_000_000;

/** Rows in groups of at most `limitBytes`, never above 100 MB; a row that has more by itself is a group of its own. */
export async function* batches<T extends Row>(
  rows: AsyncIterable<T>,
  columns: readonly ColumnName[],
  limitBytes: number,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  let held = 0;
  for await (const row of rows) {
    const bytes = rowBytes(row, columns);
    if (batch.length > 0 && held + bytes > Math.min(limitBytes, MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      held = 0;
    }
    batch.push(row);
    held += bytes;
  }
  if (batch.length > 0) yield batch;
}
