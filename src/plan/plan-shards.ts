import { createHash } from "node:crypto";
import type { PlannedArchive, PlannedRow, PlannedShard } from "../model/plan.ts";
import type { Output } from "../model/selection.ts";
import { caseNameOf } from "../model/series.ts";
import { splits, subsets } from "../model/split.ts";

/** Bytes of a row besides its payloads: report twice, names, hashes. A generous mean of the real reports. */
const LIGHT_BYTES = 4_000;
/** A 3 × 3 montage as JPEG. */
const PREVIEW_BYTES = 24_000;
/** Decoded bytes a slice where `native` keeps them: 512 × 512, the usual size; only the directory is known here. */
const NATIVE_SLICE_BYTES = 512 * 512;

/** What a row will take in its shard, before compression. Exact for `m3d`, an estimate for `native`. */
export function plannedRowBytes(row: Pick<PlannedRow, "slices" | "storedBytes">, output: Output): number {
  const perVoxel = { float32: 4, float16: 2, uint8: 1 }[output.dtype];
  const [depth, height, width] = output.size;
  const volume = { m3d: depth * height * width * perVoxel, native: row.slices * NATIVE_SLICE_BYTES, none: 0 }[
    output.volume
  ];
  return LIGHT_BYTES + volume + (output.slices ? row.storedBytes : 0) + (output.preview ? PREVIEW_BYTES : 0);
}

/** Splits in the order in which they are written; null (unlisted) last. */
const SPLIT_ORDER: readonly (string | null)[] = [...splits, null];

/** A number in 0 … 2^48 that a seed and a text alone give: the same everywhere, and no text near its neighbour. */
export function seededHash(seed: number, text: string): number {
  return createHash("sha256").update(`${seed}/${text}`).digest().readUIntBE(0, 6);
}

/** Rows in the output's order. Shuffled, cases are mixed, not series: what lies together is still read together. */
export function ordered(
  rows: readonly PlannedRow[],
  { order, seed }: Pick<Output, "order" | "seed">,
  archives: readonly PlannedArchive[],
): PlannedRow[] {
  const shuffles = order === "shuffle";
  // What can only be streamed is taken as it comes; all else by id, which is the same in every layout.
  const place = (row: PlannedRow) =>
    shuffles ? seededHash(seed, caseNameOf(row)) : archives[row.archive]?.format === "tar.gz" ? start(row) : 0;
  const keyed = rows.map((row) => {
    const keys = [SPLIT_ORDER.indexOf(row.split), block(row), shuffles ? 0 : row.archive, place(row)];
    return { row, keys };
  });
  keyed.sort((a, b) => {
    const differs = a.keys.findIndex((key, at) => key !== b.keys[at]);
    return differs < 0 ? (a.row.id < b.row.id ? -1 : 1) : a.keys[differs]! - b.keys[differs]!;
  });
  return keyed.map(({ row }) => row);
}

/** Where a row lies in its archive; one of empty files alone lies nowhere. */
const start = ({ extents }: PlannedRow) => extents[0]?.[0] ?? 0;

/** 0 for test100, 1 for the rest of test500, … : a subset is then the first blocks of test, as whole files. */
function block(row: Pick<PlannedRow, "subsets">): number {
  const at = subsets.findIndex((subset) => row.subsets.includes(subset));
  return at < 0 ? subsets.length : at;
}

/** Cuts ordered rows into shards of at most `shardBytes` (one row alone may have more), never across a split or block. */
export function planShards(rows: readonly PlannedRow[], output: Output): readonly PlannedShard[] {
  const cuts: Cut[] = [];
  let first = 0;
  for (let end = 1; end <= rows.length; end++) {
    const [last, next] = [rows[end - 1]!, rows[end]];
    if (next && areTogether(last, next)) continue;
    for (const [from, to] of evenCuts(rows, first, end, output)) cuts.push({ split: last.split, first: from, end: to });
    first = end;
  }
  return named(cuts, output);
}

export type Cut = Omit<PlannedShard, "path">;

/** Whether two rows that follow each other may lie in one shard. */
export const areTogether = (one: PlannedRow, next: PlannedRow) =>
  next.split === one.split && block(next) === block(one);

/** Gives shards their names, which have the number of all of their split. */
export function named(cuts: readonly Cut[], output: Output): readonly PlannedShard[] {
  const totals = new Map<string | null, number>();
  for (const { split } of cuts) totals.set(split, (totals.get(split) ?? 0) + 1);
  const counts = new Map<string | null, number>();
  const extension = output.format === "parquet" ? "parquet" : "arrow";
  return cuts.map((cut) => {
    const nth = counts.get(cut.split) ?? 0;
    counts.set(cut.split, nth + 1);
    const path = `data/${cut.split ?? "unlisted"}-${paddedShard(nth)}-of-${paddedShard(totals.get(cut.split)!)}.${extension}`;
    return { path, ...cut };
  });
}

/** A shard's number as names have it, so that names sort as numbers do. */
export const paddedShard = (shard: number) => String(shard).padStart(5, "0");

/** As few pieces as the size allows, about equally large. */
export function evenCuts(rows: readonly PlannedRow[], first: number, end: number, output: Output): [number, number][] {
  const sizes = rows.slice(first, end).map((row) => plannedRowBytes(row, output));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const target = total / Math.max(1, Math.ceil(total / output.shardBytes));
  const pieces: [number, number][] = [];
  let from = first;
  let held = 0;
  sizes.forEach((size, i) => {
    if (held > 0 && (held + size > output.shardBytes || held + size / 2 > target)) {
      pieces.push([from, first + i]);
      from = first + i;
      held = 0;
    }
    held += size;
  });
  pieces.push([from, end]);
  return pieces;
}
