import { z } from "zod";

const int32 = z.int().min(-2147483648).max(2147483647);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array).meta({ contentEncoding: "binary" });
/** An encoded image as the `datasets` library stores it: its bytes, and the file name it had. */
export const ImageCell = z.strictObject({ bytes: bytes.nullable(), path: z.string().nullable() });

const text = z.string().nullable();
/** The parts of a case's text.txt under their headings; null where a heading is absent or has nothing under it. */
export const Sections = z.strictObject({
  title: text,
  presentation: text,
  age: text,
  gender: text,
  discussion: text,
  study_findings: text,
});
/** A question of M3D-VQA. Texts are as the file has them: a choice that is absent is the string NA. */
export const Question = z.strictObject({
  question_type: text,
  question: text,
  choice_a: text,
  choice_b: text,
  choice_c: text,
  choice_d: text,
  answer: text,
  answer_choice: text,
});

/** One series as a row of a shard. The order of the keys is the order of the columns; every column may be null. */
export const Row = z.strictObject({
  id: z.string(),
  image: z.string().nullable(),
  collection: z.string(),
  case_id: z.string(),
  series: z.string(),
  plane: z.string().nullable(),
  phase: z.string().nullable(),
  split: z.string().nullable(),
  subsets: z.array(z.string()).nullable(),
  split_by_case: z.string().nullable(),
  report: z.string().nullable(),
  report_source: z.enum(["study_findings", "discussion", "whole_text"]).nullable(),
  report_raw: z.string().nullable(),
  report_sections: Sections.nullable(),
  vqa: z.array(Question).nullable(),
  volume: bytes.nullable(),
  volume_shape: z.array(int32).nullable(),
  volume_dtype: z.enum(["float32", "float16", "uint8"]).nullable(),
  slices: z.array(ImageCell).nullable(),
  preview: ImageCell.nullable(),
  slice_count: int32,
  slice_height: int32,
  slice_width: int32,
  slices_dropped: int32,
  crop_box: z.array(int32).nullable(),
  intensity_range: z.array(int32),
  pixels_sha256: z.string(),
  source_file: z.string(),
  source_revision: z.string(),
});
export type Row = z.infer<typeof Row>;
export type Sections = z.infer<typeof Sections>;
export type Question = z.infer<typeof Question>;
export type ImageCell = z.infer<typeof ImageCell>;
export type ColumnName = keyof Row;
