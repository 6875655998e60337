import type { StructCell } from "../model/column-types.ts";
import { columnNames, columnTable } from "../model/columns.ts";
import type { Row } from "../model/row.ts";

/** A volume lies in a struct, or as it is in shards of the layout before. */
function bytesOf(cell: unknown): unknown {
  return cell === null || cell instanceof Uint8Array ? cell : (cell as StructCell<"image">).bytes;
}

/** Cells as a row. Columns that are not there, or were not asked for, are null; those of the index alone are left out. */
export function toRow(cells: Readonly<Record<string, unknown>>): Row {
  const row: Record<string, unknown> = {};
  for (const name of columnNames) {
    const cell = cells[name] ?? null;
    const value = name === "volume" ? bytesOf(cell) : cell;
    if (value !== null || columnTable[name].when !== "index") row[name] = value;
  }
  return row as Row;
}
