import type { Row } from "../model/row.ts";

export type ColumnType = "string" | "int32" | "binary" | "list<string>" | "list<int32>" | "image" | "list<image>";
/** A row of index.parquet: the light columns, and which shard and which row of it holds the series. */
export type IndexRow = Row & { readonly shard: string; readonly row: number };
export type ColumnName = keyof IndexRow;

/** Every column, in order. Those of the index alone come last. */
export const columnTypes: Readonly<Record<ColumnName, ColumnType>> = {
  id: "string",
  image: "string",
  collection: "string",
  case_id: "string",
  series: "string",
  plane: "string",
  phase: "string",
  split: "string",
  subsets: "list<string>",
  report: "string",
  report_source: "string",
  report_raw: "string",
  volume: "binary",
  volume_shape: "list<int32>",
  volume_dtype: "string",
  slices: "list<image>",
  preview: "image",
  slice_count: "int32",
  slice_height: "int32",
  slice_width: "int32",
  slices_dropped: "int32",
  crop_box: "list<int32>",
  intensity_range: "list<int32>",
  pixels_sha256: "string",
  source_file: "string",
  source_revision: "string",
  shard: "string",
  row: "int32",
};
const all = Object.keys(columnTypes) as ColumnName[];

/** Large binary cells: no statistics, plain encoding, and images no second compression. */
export const isPayload = (name: string) => name === "volume" || name === "slices" || name === "preview";

/** The columns of a shard whose rows have these payloads. */
export function columnsFor(payloads: {
  readonly volume: boolean;
  readonly slices: boolean;
  readonly preview: boolean;
}): readonly ColumnName[] {
  const absent = new Set<string>(["shard", "row"]);
  if (!payloads.volume) for (const name of ["volume", "volume_shape", "volume_dtype"]) absent.add(name);
  if (!payloads.slices) absent.add("slices");
  if (!payloads.preview) absent.add("preview");
  return all.filter((name) => !absent.has(name));
}

/** The columns of index.parquet: all but the payloads. */
export const indexColumns: readonly ColumnName[] = all.filter((name) => !isPayload(name));

/** The features of the `datasets` library, which the `huggingface` metadata key holds. */
export function features(columns: readonly ColumnName[]): { info: { features: Record<string, unknown> } } {
  return { info: { features: Object.fromEntries(columns.map((name) => [name, featureOf(columnTypes[name])])) } };
}

function featureOf(type: ColumnType): unknown {
  const list = /^list<(.*)>$/.exec(type);
  if (list) return { feature: featureOf(list[1] as ColumnType), _type: "List" };
  return type === "image" ? { _type: "Image" } : { dtype: type, _type: "Value" };
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
