import { z } from "zod";
import { EtlError } from "../errors.ts";
import { isCollection, type SeriesKey } from "../model/series.ts";
import { type Split, type Subset, splits, subsets } from "../model/split.ts";

const Row = z.object({ image: z.string(), text: z.string().optional() });
const Rows = z.array(Row);

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

/** The real split file has about 25 MB; a larger one would, parsed, take a gigabyte. */
export const MAX_SPLIT_FILE_BYTES = 64 << 20;
/** Eight times the real file's rows. */
export const MAX_SPLIT_ROWS = 1_000_000;
/** Longer than any path: collection, case and a name of 255 bytes make some 300. */
export const MAX_IMAGE_CHARACTERS = 1024;
/** Braces, brackets and commas, of which a row has three: what they open takes memory before anyone can look at it. */
const MAX_MARKS = 4 * MAX_SPLIT_ROWS;
const [COMMA, BRACKET, BRACE] = [0x2c, 0x5b, 0x7b];

/** Parses a split file, or says in a few words why `text` is none. Its cost is bounded before it is parsed. */
export function readSplitFile(text: string): SplitFile | string {
  let marks = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === BRACE || code === BRACKET) marks += 1;
  }
  if (marks > MAX_MARKS) return `more than ${MAX_MARKS} values; ${MAX_SPLIT_ROWS} rows are the most that is read`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON (${(error as Error).message.slice(0, 100)})`;
  }
  return splitFileFault(value) ?? (value as SplitFile);
}

/** The split file in `text`; throws "bad-split-file" with what is wrong with it. */
export function parseSplitFile(text: string, path: string): SplitFile {
  const found = readSplitFile(text);
  if (typeof found === "string") throw new EtlError("bad-split-file", `${path}: ${found}`);
  return found;
}

const EXPECTED = 'not a split file: {"train":[{"image":…,"text":…}],…} expected';

/** The first thing that is wrong, found without a list of all: a hostile file has millions. */
function splitFileFault(value: unknown): string | undefined {
  const lists = Object.entries(Object(value)).filter(([name]) => Object.hasOwn(SplitFile.shape, name));
  if (!splits.some((split) => lists.some(([name]) => name === split))) return EXPECTED;
  let rows = 0;
  for (const [name, list] of lists) {
    if (!Array.isArray(list)) return EXPECTED;
    for (const [at, row] of list.entries()) {
      const { image, text } = Object(row) as Partial<Record<"image" | "text", unknown>>;
      if (typeof image !== "string" || (text !== undefined && typeof text !== "string"))
        return `${EXPECTED}; ${name}[${at}] is not such a row`;
      if (image.length > MAX_IMAGE_CHARACTERS)
        return `${name}[${at}]: an image of ${image.length} characters, more than ${MAX_IMAGE_CHARACTERS}`;
    }
    rows += list.length;
  }
  return rows > MAX_SPLIT_ROWS ? `${rows} rows, more than ${MAX_SPLIT_ROWS}` : undefined;
}

/** Names of lists in the file that are none of the splits and subsets: nothing of them is read. */
export function unknownLists(file: SplitFile): readonly string[] {
  return Object.entries(file).flatMap(([name, list]) =>
    Array.isArray(list) && !Object.hasOwn(SplitFile.shape, name) ? [name] : [],
  );
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
  // Windows' separators; the authors' own are slashes.
  const parts = image.replaceAll("\\", "/").split("/");
  // A name may hold a slash once it is transliterated: "½" becomes " 1/2 ".
  const at = parts.findIndex((part, nth) => isCollection(part) && nth < parts.length - 2);
  const [collection = "", caseId] = at < 0 ? [] : parts.slice(at);
  const file = parts.slice(at + 2).join("/");
  if (!isCollection(collection) || caseId === undefined || !file.endsWith(".npy")) return undefined;
  return { collection, caseId, caseName: `${collection}/${caseId}`, name: file.slice(0, -".npy".length) };
}
