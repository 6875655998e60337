import type { Row } from "../model/row.ts";
import { type ColumnName, rowBytes } from "./columns.ts";

/** Rows in groups of at most `limitBytes`; a row that has more by itself is a group of its own. */
export async function* batches<T extends Row>(
  rows: AsyncIterable<T>,
  columns: readonly ColumnName[],
  limitBytes: number,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  let held = 0;
  for await (const row of rows) {
    const bytes = rowBytes(row, columns);
    if (batch.length > 0 && held + bytes > limitBytes) {
      yield batch;
      batch = [];
      held = 0;
    }
    batch.push(row);
    held += bytes;
  }
  if (batch.length > 0) yield batch;
}
