import type { ColumnType } from "../model/column-types.ts";
import { type ColumnName, columnNames, columnTable } from "../model/columns.ts";
import type { Output } from "../model/selection.ts";

/** Large binary cells: no statistics, plain encoding, and images no second compression. */
export const isPayload = (name: ColumnName) => /voxels|image/.test(columnTable[name].type);

/** How volumes lie in a file: shards made before have cells of plain binary, and keep them. */
export type VolumeLayout = "struct" | "binary";

/** The type of a column in a file of this layout. */
export function typeIn(layout: VolumeLayout | undefined, name: ColumnName): ColumnType {
  return name === "volume" && layout === "binary" ? "binary" : columnTable[name].type;
}

/** The layout of the shards of a plan. */
export const layoutOf = (output: Pick<Output, "volumeLayout">): VolumeLayout => output.volumeLayout ?? "binary";

/** The columns of a shard whose rows have these. */
export function columnsFor(present: {
  readonly volume: boolean;
  readonly slices: boolean;
  readonly preview: boolean;
  readonly splitByCase?: boolean;
  readonly vqa?: boolean;
}): readonly ColumnName[] {
  const had = { ...present, always: true, index: false };
  return columnNames.filter((name) => had[columnTable[name].when ?? "always"]);
}

/** The columns of the shards that a plan's output has. */
export const columnsOf = (output: Output) => columnsFor({ ...output, volume: output.volume !== "none" });

/** The columns of index.parquet: all that the rows may have but the payloads. */
export function indexColumns({ splitByCase, vqa }: Pick<Output, "splitByCase" | "vqa">): readonly ColumnName[] {
  const had = { always: true, volume: true, slices: true, preview: true, index: true, splitByCase, vqa };
  return columnNames.filter((name) => !isPayload(name) && had[columnTable[name].when ?? "always"]);
}

/** Bytes that a row takes in memory and, uncompressed, in a file: what row groups are bounded by. */
export function rowBytes(row: Partial<Record<ColumnName, unknown>>, columns: readonly ColumnName[]): number {
  return columns.reduce((sum, name) => sum + cellBytes(row[name]), 0);
}

function cellBytes(cell: unknown): number {
  if (cell === null || cell === undefined) return 1;
  if (typeof cell === "string") return Buffer.byteLength(cell) + 4;
  if (cell instanceof Uint8Array) return cell.byteLength + 4;
  if (Array.isArray(cell)) return cell.reduce((sum, item) => sum + cellBytes(item), 4);
  if (typeof cell === "object") return Object.values(cell).reduce((sum: number, item) => sum + cellBytes(item), 4);
  return 4;
}
