import { z } from "zod";
import { isCollection, type SeriesKey } from "./series.ts";

const Row = z.object({ image: z.string(), text: z.string().optional() });
const Rows = z.array(Row);

/** The official splits, in the order in which a series named by more than one of them is given its split. */
export const splits = ["test", "validation", "train"] as const;
/** The nested lists inside test, smallest first. */
export const subsets = ["test100", "test500", "test1k"] as const;
export type Split = (typeof splits)[number];
export type Subset = (typeof subsets)[number];

/** `M3D_Cap.json` as the data set's authors write it. */
export const SplitFile = z.object({
  train: Rows.optional(),
  validation: Rows.optional(),
  test: Rows.optional(),
  test100: Rows.optional(),
  test500: Rows.optional(),
  test1k: Rows.optional(),
});
export type SplitFile = z.infer<typeof SplitFile>;

/** A series that the split file names. `name` is transliterated: it is the output name, not the folder's. */
export interface Listed {
  readonly image: string;
  readonly key: (Omit<SeriesKey, "series"> & { readonly name: string }) | undefined;
  readonly split: Split;
  readonly subsets: readonly Subset[];
}

/** True for what looks like a split file: a JSON object with at least one of the official lists in the right shape. */
export function isSplitFile(value: unknown): value is SplitFile {
  const parsed = SplitFile.safeParse(value);
  return parsed.success && splits.some((split) => parsed.data[split] !== undefined);
}

/** One entry for each distinct `image`, in order of first appearance; `duplicates` are the repeated ones. */
export function listedSeries(file: SplitFile): { listed: readonly Listed[]; duplicates: readonly string[] } {
  const found = new Map<string, { split: Split; subsets: Subset[] }>();
  const duplicates: string[] = [];
  for (const split of splits) {
    for (const { image } of file[split] ?? []) {
      if (found.has(image)) duplicates.push(image);
      else found.set(image, { split, subsets: [] });
    }
  }
  for (const subset of subsets) {
    for (const { image } of file[subset] ?? []) {
      const entry = found.get(image) ?? { split: "test" as const, subsets: [] };
      if (!entry.subsets.includes(subset)) entry.subsets.push(subset);
      found.set(image, entry);
    }
  }
  const listed = [...found].map(([image, entry]) => ({ image, key: parseImage(image), ...entry }));
  return { listed, duplicates };
}

/** `M3D_Cap_npy/<collection>/<case>/<name>.npy` → its parts. */
function parseImage(image: string): Listed["key"] {
  const [collection, caseId, file, ...more] = image.split("/").slice(-3);
  if (collection === undefined || caseId === undefined || more.length > 0) return undefined;
  if (!isCollection(collection) || !file?.endsWith(".npy")) return undefined;
  return { collection, caseId, name: file.slice(0, -".npy".length) };
}
