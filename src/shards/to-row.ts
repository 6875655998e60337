import { columnNames, columnTable } from "../model/columns.ts";
import type { Row } from "../model/row.ts";

/** Cells as a row. Columns that are not there, or were not asked for, are null; those of the index alone are left out. */
export function toRow(cells: Readonly<Record<string, unknown>>): Row {
  const row: Record<string, unknown> = {};
  for (const name of columnNames) {
    const value = cells[name] ?? null;
    if (value !== null || columnTable[name].when !== "index") row[name] = value;
  }
  return row as Row;
}
