import type { ColumnType } from "./column-types.ts";

/** What puts a column into a shard, as people read it. */
export const presence = {
  always: "always",
  volume: "unless `--volume none`",
  slices: "with `--slices`",
  preview: "unless `--no-preview`",
  splitByCase: "with `--split-by case`",
  vqa: "with `--join vqa=FILE`",
  index: "in the index alone",
} as const;
export type Presence = keyof typeof presence;

export interface Column {
  readonly type: ColumnType;
  readonly meaning: string;
  /** The only values that the column takes. */
  readonly values?: readonly string[];
  readonly nullable?: true;
  /** Left out: in every shard. */
  readonly when?: Presence;
}

/**
 * Every column, in order: those of the index alone come last. The rows' type and its check, the shards' schemas and
 * features, the card and COLUMNS.md all come from here. The files' own schemas let every column be null.
 */
const table = {
  id: { type: "string", meaning: "collection / case / series folder, as the source spells it" },
  image: {
    type: "string",
    nullable: true,
    meaning: "the split file's `image`: the key of M3D-VQA and of the authors' code",
  },
  collection: {
    type: "string",
    nullable: true,
    meaning: "ct_case or ct_quizze; null where no such folder stands above the case",
  },
  case_id: { type: "string", meaning: "the case's folder: unique within its collection" },
  series: { type: "string", meaning: "the series' folder" },
  plane: { type: "string", nullable: true, meaning: "axial, coronal, sagittal, or null" },
  phase: { type: "string", nullable: true, meaning: "from the series' name, or null" },
  split: {
    type: "string",
    nullable: true,
    meaning: "train, validation, test; null for a series that the split file does not name",
  },
  subsets: {
    type: "list<string>",
    nullable: true,
    meaning: "test100, test500, test1k: the nested test lists that hold it",
  },
  split_by_case: {
    type: "string",
    nullable: true,
    when: "splitByCase",
    meaning: "one split for all series of a case",
  },
  report: { type: "string", nullable: true, meaning: "the report, cleaned exactly as the authors' script does" },
  report_source: {
    type: "string",
    values: ["study_findings", "discussion", "whole_text"],
    nullable: true,
    meaning: "study_findings, discussion or whole_text: where the report was found",
  },
  report_raw: { type: "string", nullable: true, meaning: "the case's text.txt" },
  report_sections: {
    type: "sections",
    nullable: true,
    meaning: "the parts of text.txt under their headings; null where one is absent or has nothing under it",
  },
  vqa: {
    type: "list<question>",
    nullable: true,
    when: "vqa",
    meaning: "M3D-VQA's questions on this series, as its file has them: a choice that is absent is the string NA",
  },
  volume: {
    type: "voxels",
    nullable: true,
    when: "volume",
    meaning: "the voxels in C order, little endian, as its `bytes`",
  },
  volume_shape: { type: "list<int32>", nullable: true, when: "volume", meaning: "the volume's sides" },
  volume_dtype: {
    type: "string",
    values: ["float32", "float16", "uint8"],
    nullable: true,
    when: "volume",
    meaning: "the voxels' type: float32, float16 or uint8",
  },
  slices: { type: "list<image>", nullable: true, when: "slices", meaning: "the source's own slices, in order" },
  preview: { type: "image", nullable: true, when: "preview", meaning: "a montage of slices" },
  slice_count: {
    type: "int32",
    nullable: true,
    meaning: "how many slices were kept; this and what follows, null where a finished array was read",
  },
  slice_height: { type: "int32", nullable: true, meaning: "rows of pixels of a kept slice" },
  slice_width: { type: "int32", nullable: true, meaning: "columns of pixels of a kept slice" },
  slices_dropped: { type: "int32", nullable: true, meaning: "slices left out for their size or damage" },
  crop_box: {
    type: "list<int32>",
    nullable: true,
    meaning: "[z0, z1, y0, y1, x0, x1], half open, in kept slices",
  },
  intensity_range: { type: "list<int32>", nullable: true, meaning: "[min, max] of the 8-bit stack" },
  pixels_sha256: { type: "string", nullable: true, meaning: "SHA-256 of the kept 8-bit stack" },
  source_file: { type: "string", meaning: "archive of the source" },
  source_revision: { type: "string", meaning: "commit of the source" },
  shard: { type: "string", when: "index", meaning: "the shard that holds the row" },
  row: { type: "int32", when: "index", meaning: "the row's place in its shard" },
} as const satisfies Readonly<Record<string, Column>>;

export type Columns = typeof table;
export type ColumnName = keyof Columns;
export const columnTable: Readonly<Record<ColumnName, Column>> = table;
export const columnNames = Object.keys(table) as readonly ColumnName[];
