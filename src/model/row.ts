import { z } from "zod";
import { type CellOf, elementOf, fieldsOf, type Single, type StructCell } from "./column-types.ts";
import { type Column, type ColumnName, type Columns, columnNames, columnTable } from "./columns.ts";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array).meta({ contentEncoding: "binary" });
const leaves = { string: z.string(), int32: z.int().min(-2147483648).max(2147483647), binary: bytes };

function struct<S extends "image" | "sections" | "question">(type: S): z.ZodType<StructCell<S>> {
  const fields = fieldsOf(type)!.map(([name, leaf]) => [name, leaves[leaf].nullable()]);
  return z.strictObject(Object.fromEntries(fields)) as unknown as z.ZodType<StructCell<S>>;
}
/** A question of M3D-VQA. */
export const Question = struct("question");
const singles: Readonly<Record<Single, z.ZodType>> = {
  ...leaves,
  voxels: bytes,
  image: struct("image"),
  sections: struct("sections"),
  question: Question,
};

function cell({ type, values, nullable, meaning }: Column): z.ZodType {
  const element = elementOf(type);
  const present = values ? z.enum(values) : element ? z.array(singles[element]) : singles[type as Single];
  return (nullable ? present.nullable() : present).describe(meaning);
}

type Cell<C extends Column> =
  | (C extends { values: readonly (infer V)[] } ? V : CellOf<C["type"]>)
  | (C extends { nullable: true } ? null : never);
/** One series as a row of a shard. The order of the keys is the order of the columns. */
export type Row = {
  -readonly [N in ColumnName as Columns[N] extends { when: "index" } ? never : N]: Cell<Columns[N]>;
};
/** A row of index.parquet: the light columns, and which shard and which row of it holds the series. */
export type IndexRow = Row & { readonly [N in Exclude<ColumnName, keyof Row>]: Cell<Columns[N]> };
/** The parts of a case's text.txt under their headings; null where a heading is absent or has nothing under it. */
export type Sections = StructCell<"sections">;
/** Texts are as the file has them: a choice that is absent is the string NA. */
export type Question = StructCell<"question">;

const ofShards = columnNames.filter((name) => columnTable[name].when !== "index");
// The table is what both come from; that zod would infer the same from a computed shape, TypeScript cannot see.
export const Row = z.strictObject(
  Object.fromEntries(ofShards.map((name) => [name, cell(columnTable[name])])),
) as unknown as z.ZodType<Row>;
