import { z } from "zod";
import { type ColumnName, columnTable } from "./columns.ts";
import { Row } from "./row.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().nonnegative();

/** An archive that rows are rebuilt from: what a copy must be to stand in for it. */
export const RecipeArchive = z.strictObject({
  path: z.string(),
  /** The folders above its members, which tell the collection. */
  above: z.string(),
  format: z.string(),
  byteLength: size,
  /** SHA-256 of the whole file, or git's id of a small one, where the Hub told it. */
  contentId: z.string().nullable(),
  /** Members that the rows are made of. */
  members: size,
  /** Where directories.bin names them with their places, sizes and CRC-32: a Parquet file of its own, a row a folder. */
  directory: z.strictObject({ start: size, end: size, sha256: hash }),
});
export type RecipeArchive = z.infer<typeof RecipeArchive>;

/** recipe.json: what a recipe is, and what each of its files must hash to. */
export const Recipe = z.strictObject({
  version: z.literal(1),
  /** What the shards were made with: others may lay them out otherwise. */
  tool: z.string(),
  rows: size,
  shards: size,
  archives: z.array(RecipeArchive),
  files: z.record(z.string().regex(/^[a-z]+\.(?:json|jsonl|parquet|bin)$/), hash),
});
export type Recipe = z.infer<typeof Recipe>;

/** The only columns that a recipe may have: coordinates, measures and hashes. No text of a report, no picture. */
export const recipeColumns = [
  "id",
  "image",
  "collection",
  "case_id",
  "series",
  "plane",
  "phase",
  "split",
  "subsets",
  "split_by_case",
  "report_source",
  "volume_shape",
  "volume_dtype",
  "slice_count",
  "slice_height",
  "slice_width",
  "slices_dropped",
  "crop_box",
  "intensity_range",
  "pixels_sha256",
  "source_file",
  "source_revision",
  "shard",
  "row",
] as const satisfies readonly ColumnName[];

const ofIndex = { shard: z.string(), row: z.int() };
/** A row of a recipe's rows.parquet. */
export const RecipeRow = z.strictObject(
  Object.fromEntries(
    recipeColumns.map((name) => [
      name,
      columnTable[name].when === "index"
        ? ofIndex[name as keyof typeof ofIndex].describe(columnTable[name].meaning)
        : (Row as unknown as z.ZodObject).shape[name]!,
    ]),
  ),
);

/** A line of clusters.jsonl: series that an audit found to belong together, and by what. */
export const RecipeCluster = z.strictObject({
  ids: z.array(z.string()),
  kinds: z.array(z.string()),
  splits: z.array(z.string()),
});
export type RecipeCluster = z.infer<typeof RecipeCluster>;
