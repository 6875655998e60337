import fc from "fast-check";
import type { Question, Row, Sections } from "../../src/model/row.ts";
import { structs } from "../../src/shards/columns.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const int32 = fc.integer({ min: -2147483648, max: 2147483647 });
const int32s = fc.array(int32, { maxLength: 6 });
// Plain Uint8Array, whatever the realm of the generator's own.
const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => new Uint8Array(value));
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const image = fc.record({ bytes: orNull(bytes), path: orNull(text) }, { noNullPrototype: true });

const fields = (names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, orNull(text)])), { noNullPrototype: true });
const sections = fields(Object.keys(structs.sections)) as fc.Arbitrary<Sections>;
const question = fields(Object.keys(structs.question)) as fc.Arbitrary<Question>;

/** Rows that a shard may hold: any text, any bytes, null wherever a row may be null. */
export const anyRow: fc.Arbitrary<Row> = fc.record(
  {
    id: text,
    image: orNull(text),
    collection: text,
    case_id: text,
    series: text,
    plane: orNull(text),
    phase: orNull(text),
    split: orNull(text),
    subsets: orNull(fc.array(text, { maxLength: 3 })),
    split_by_case: orNull(text),
    report: orNull(text),
    report_source: orNull(fc.constantFrom("study_findings", "discussion", "whole_text")),
    report_raw: orNull(text),
    report_sections: orNull(sections),
    vqa: orNull(fc.array(question, { maxLength: 2 })),
    volume: orNull(bytes),
    volume_shape: orNull(int32s),
    volume_dtype: orNull(fc.constantFrom("float32", "float16", "uint8")),
    slices: orNull(fc.array(image, { maxLength: 4 })),
    preview: orNull(image),
    slice_count: int32,
    slice_height: int32,
    slice_width: int32,
    slices_dropped: int32,
    crop_box: orNull(int32s),
    intensity_range: int32s,
    pixels_sha256: text,
    source_file: text,
    source_revision: text,
  },
  { noNullPrototype: true },
);
