import { z } from "zod";
import { Plan, PlannedRow } from "./plan.ts";

const count = z.int().nonnegative();
const base64 = z.base64();

/** Bytes that a task has no need of, or a file of the source, where it lies in its archive. */
const Stretch = z.union([count, z.strictObject({ path: z.string(), byteLength: count, contentId: z.string() })]);

/** A folder of an archive as it stands in the archive's directory: see Folder in archive-format.ts. */
const PackedFolder = z.strictObject({
  path: z.string(),
  count,
  start: count,
  end: count,
  memoryBytes: count,
  extension: z.string().optional(),
  isGapless: z.boolean(),
  names: base64,
  numbers: base64,
});

/** `.voxshard/parts/<shard>.json.gz`: all that making one shard needs of the plan, and of the archives' directories. */
export const PlanPart = z.strictObject({
  rows: z.array(PlannedRow),
  /** By their numbers in the plan; none where the source is opened anyway, as a local copy is. */
  archives: z.array(z.strictObject({ archive: count, files: z.array(Stretch), folders: z.array(PackedFolder) })),
});
export type PlanPart = z.infer<typeof PlanPart>;

/** `.voxshard/parts/head.json`, written last: the plan without what is in the parts, and what each part hashes to. */
export const PartsHead = z.strictObject({
  version: z.literal(1),
  planHash: z.string(),
  /** Of plan.json, by which another file is told from it. */
  planBytes: count,
  plan: Plan,
  /** SHA-256 of each part, in order of the shards. */
  parts: z.array(z.string()),
});
export type PartsHead = z.infer<typeof PartsHead>;
