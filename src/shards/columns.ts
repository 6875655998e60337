import type { Row } from "../model/row.ts";
import type { Output } from "../model/selection.ts";

/** Columns of several fields, by what they hold. */
export const structs = {
  image: { bytes: "binary", path: "string" },
  sections: {
    title: "string",
    presentation: "string",
    age: "string",
    gender: "string",
    discussion: "string",
    study_findings: "string",
  },
  question: {
    question_type: "string",
    question: "string",
    choice_a: "string",
    choice_b: "string",
    choice_c: "string",
    choice_d: "string",
    answer: "string",
    answer_choice: "string",
  },
} as const;
type Single = "string" | "int32" | "binary" | keyof typeof structs;
export type ColumnType = Single | `list<${Single}>`;

/** The fields of a column of several, in order; undefined for all others. */
export function fieldsOf(
  type: ColumnType,
): readonly (readonly [name: string, type: "string" | "binary"])[] | undefined {
  return type in structs ? Object.entries(structs[type as keyof typeof structs]) : undefined;
}

/** What a list holds; undefined for what is no list. */
export function elementOf(type: ColumnType): Single | undefined {
  return /^list<(.*)>$/.exec(type)?.[1] as Single | undefined;
}

/** The Arrow type of a column: list<…>, struct<name: …> and the single ones by their names. */
export function arrowType(type: ColumnType): string {
  const element = elementOf(type);
  if (element) return `list<${arrowType(element)}>`;
  const fields = fieldsOf(type);
  return fields ? `struct<${fields.map(([name, one]) => `${name}: ${one}`).join(", ")}>` : type;
}

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
  split_by_case: "string",
  report: "string",
  report_source: "string",
  report_raw: "string",
  report_sections: "sections",
  vqa: "list<question>",
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

/** The columns of a shard whose rows have these. */
export function columnsFor(payloads: {
  readonly volume: boolean;
  readonly slices: boolean;
  readonly preview: boolean;
  readonly splitByCase?: boolean;
  readonly vqa?: boolean;
}): readonly ColumnName[] {
  const absent = new Set<string>(["shard", "row"]);
  if (!payloads.volume) for (const name of ["volume", "volume_shape", "volume_dtype"]) absent.add(name);
  if (!payloads.slices) absent.add("slices");
  if (!payloads.preview) absent.add("preview");
  if (!payloads.splitByCase) absent.add("split_by_case");
  if (!payloads.vqa) absent.add("vqa");
  return all.filter((name) => !absent.has(name));
}

/** The columns of the shards that a plan's output has. */
export const columnsOf = (output: Output) => columnsFor({ ...output, volume: output.volume !== "none" });

/** The columns of index.parquet: all that the rows may have but the payloads. */
export function indexColumns({ splitByCase, vqa }: Pick<Output, "splitByCase" | "vqa">): readonly ColumnName[] {
  return all.filter((name) => !isPayload(name) && (vqa || name !== "vqa") && (splitByCase || name !== "split_by_case"));
}

/** The features of the `datasets` library, which the `huggingface` metadata key holds. */
export function features(columns: readonly ColumnName[]): { info: { features: Record<string, unknown> } } {
  return { info: { features: Object.fromEntries(columns.map((name) => [name, featureOf(columnTypes[name])])) } };
}

function featureOf(type: ColumnType): unknown {
  const element = elementOf(type);
  if (element) return { feature: featureOf(element), _type: "List" };
  if (type === "image") return { _type: "Image" };
  const fields = fieldsOf(type);
  if (fields) return Object.fromEntries(fields.map(([name, one]) => [name, featureOf(one)]));
  return { dtype: type, _type: "Value" };
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
