import { z } from "zod";
import { Certificate } from "./certificate.ts";
import { Question } from "./row.ts";
import { PlannedOutput, Selection } from "./selection.ts";
import { collections } from "./series.ts";
import { sourceKinds } from "./source-kind.ts";
import { Unread } from "./unread.ts";

const offset = z.int().nonnegative();
const extent = z.tuple([offset, offset]);

/** An archive that rows are read from, pinned. */
export const PlannedArchive = z.strictObject({
  path: z.string(),
  format: z.string(),
  byteLength: offset,
  contentId: z.string(),
});

export type PlannedArchive = z.infer<typeof PlannedArchive>;

/** A series that becomes a row, and where its bytes lie in its archive (half-open extents). */
export const PlannedRow = z.strictObject({
  id: z.string(),
  image: z.string().nullable(),
  collection: z.enum(collections).nullable(),
  caseId: z.string(),
  series: z.string(),
  split: z.string().nullable(),
  subsets: z.array(z.string()),
  archive: z.int().nonnegative(),
  slices: z.int().positive(),
  /** The authors' finished array is read, as the one member of the series. */
  array: z.literal(true).optional(),
  storedBytes: offset,
  extents: z.array(extent),
  report: z.array(extent),
  /** The case's folder, where its archive has the series in another one too. */
  casePath: z.string().optional(),
  /** Where the report is, if it is not the one text of the case in the same archive. */
  reportFrom: z.strictObject({ archive: z.int().nonnegative(), path: z.string() }).optional(),
  /** With `splitByCase`: the one split of all series of the case. */
  splitByCase: z.string().nullable().optional(),
  /** With `vqa`: the questions on this series; absent where the table has none. */
  vqa: z.array(Question).optional(),
});
export type PlannedRow = z.infer<typeof PlannedRow>;

/** A line of rejects.jsonl: something in the selection that is in no shard, and why. */
export const Reject = z.strictObject({
  id: z.string(),
  image: z.string().nullable(),
  split: z.string().nullable(),
  reason: z.string(),
  detail: z.string(),
});
export type Reject = z.infer<typeof Reject>;

/** No other path is ever written to, whoever wrote the plan. */
export const shardPath = z.string().regex(/^data\/[a-z0-9]{1,20}-\d{5,}-of-\d{5,}\.(?:parquet|arrow)$/);

/** One output file: the rows [first, end) of the plan. */
export const PlannedShard = z.strictObject({
  path: shardPath,
  split: z.string().nullable(),
  first: offset,
  end: offset,
  /** Where the shard was kept from an earlier revision of the source: that one, which its rows name as theirs. */
  revision: z.string().optional(),
});
export type PlannedShard = z.infer<typeof PlannedShard>;

export const Fetch = z.strictObject({ bytes: offset, ranges: offset, resolves: offset, archives: offset });
export type Fetch = z.infer<typeof Fetch>;

/** All that a conversion does, decided beforehand. Two plans with the same hash give the same bytes. */
export const Plan = z.strictObject({
  version: z.literal(1),
  tool: z.string(),
  /** `id` is `owner/name`, `modelscope:owner/name` or a folder; `revision` a commit's sha or a fingerprint. */
  source: z.strictObject({ kind: z.enum(sourceKinds), id: z.string(), revision: z.string() }),
  selection: Selection,
  output: PlannedOutput,
  archives: z.array(PlannedArchive),
  rows: z.array(PlannedRow),
  rejects: z.array(Reject),
  /** Files and members of the source that are not read, and why. */
  unread: z.array(Unread),
  shards: z.array(PlannedShard),
  fetch: Fetch,
  sourceBytes: offset,
  outputBytes: offset,
  /** The table that `vqa` was joined from: its SHA-256, and how many of its questions are on a row of the plan. */
  joined: z.strictObject({ sha256: z.string(), questions: offset, matched: offset }).optional(),
  /** Of the lists that the splits come from, where `audit` wrote them. */
  certificate: Certificate.optional(),
  /** SHA-256 of the lists, where they are one's own and not from `audit`. */
  ownLists: z.string().optional(),
});
export type Plan = z.infer<typeof Plan>;

/** Parses a plan; stops at the first row that is none, where the schema alone would gather the faults of millions. */
export function parsePlan(value: unknown): Plan {
  const { rows, rejects, ...rest } = Object(value) as Record<string, unknown>;
  const plan = Plan.parse({ ...rest, rows: [], rejects: [] });
  return { ...plan, rows: each(PlannedRow, rows), rejects: each(Reject, rejects) };
}

function each<T>(schema: z.ZodType<T>, list: unknown): T[] {
  if (!Array.isArray(list)) throw new TypeError("a list is expected");
  return list.map((item) => schema.parse(item));
}
