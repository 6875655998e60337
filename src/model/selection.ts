import { z } from "zod";
import { collections } from "./series.ts";

export const listNames = ["train", "validation", "test", "test100", "test500", "test1k"] as const;

/** Which series are wanted; every condition must hold. An empty list is no condition. */
export const Selection = z.strictObject({
  splits: z.array(z.enum(listNames)).default([]),
  collections: z.array(z.enum(collections)).default([]),
  planes: z.array(z.enum(["axial", "coronal", "sagittal"])).default([]),
  phases: z.array(z.string()).default([]),
  cases: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  unlisted: z.boolean().default(false),
  limit: z.int().positive().nullable().default(null),
  /** So many series of each split, drawn by `seed`; a larger sample holds the smaller one. */
  sample: z.int().positive().nullable().default(null),
  seed: z.int().nonnegative().default(0),
});
export type Selection = z.infer<typeof Selection>;

/** What a row holds and how it is written, as a plan says it. */
export const PlannedOutput = z.strictObject({
  format: z.enum(["parquet", "arrow", "arrow-stream"]).default("parquet"),
  engine: z.enum(["hyparquet-writer", "parquetjs-lite"]).default("hyparquet-writer"),
  volume: z.enum(["m3d", "native", "none"]).default("m3d"),
  dtype: z.enum(["float32", "float16", "uint8"]).default("float32"),
  size: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]).default([32, 256, 256]),
  slices: z.boolean().default(false),
  preview: z.boolean().default(true),
  shardBytes: z.int().positive().default(500_000_000),
  rowGroupBytes: z.int().positive().default(8_000_000),
  codec: z.enum(["none", "snappy", "gzip", "lz4", "zstd"]).default("snappy"),
  /** shuffle: cases mixed across archives within each split, by `seed`. */
  order: z.enum(["archive", "shuffle"]).default("archive"),
  seed: z.int().nonnegative().default(0),
  /** With a column that puts every series of a case into one split. */
  splitByCase: z.boolean().default(false),
  /** With a column of M3D-VQA's questions. */
  vqa: z.boolean().default(false),
  /** How volumes lie in the shards; plans made before it was known have none, and plain binary cells. */
  volumeLayout: z.literal("struct").optional(),
});
const NewOutput = PlannedOutput.extend({
  /** Read with a third less CPU than snappy, and smaller; figures in docs/shards.md. */
  codec: PlannedOutput.shape.codec.unwrap().default("lz4"),
  volumeLayout: z.literal("struct").default("struct"),
});
/** The same for a plan to be made; parquetjs-lite has no lz4. */
export const Output = z.preprocess(
  (given: z.input<typeof NewOutput>) => (given.engine === "parquetjs-lite" ? { codec: "snappy", ...given } : given),
  NewOutput,
);
export type Output = z.infer<typeof PlannedOutput>;
