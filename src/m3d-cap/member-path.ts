import type { Collection, SeriesKey } from "../model/series.ts";

/**
 * Where a file belongs: a file inside a series' folder, the finished array of a series or another file of a case beside
 * the series, or nowhere. `bad` says why a series' name, or its file's, is none to work with: the series is then known, but
 * can be no row.
 */
export type Place = Omit<SeriesKey, "series"> &
  (
    | {
        readonly kind: "series" | "array";
        readonly series: string;
        readonly file: string;
        readonly bad?: { readonly kind: "limit-exceeded" | "bad-series-name"; readonly why: string };
      }
    | { readonly kind: "case"; readonly file: string }
  );

export type SeriesPlace = Extract<Place, { readonly kind: "series" | "array" }>;

/** Case ids are six digits today; room for more, none for a number that is no id. */
const CASE_ID = /^\d{1,12}$/;
const COLLECTION = /^(ct_case|ct_quizze)(?:[_-].*)?$/i;
/** The longest name that common file systems hold: the reference could not have unpacked a longer one. */
export const MAX_NAME_BYTES = 255;
/** Control characters, and those that turn the direction of text: nobody can tell such names apart. */
const HOSTILE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\\]/u;
/** What the authors' script makes of a series: `…/<case>/<series>.npy`. */
const ARRAY = ".npy";
const JUNK = /^(?:__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini)$|^\._/;

/**
 * Maps a path (what stands above the archive, its own path, then the member's) to its place: `…<collection>…/<case>/<series>/<file>`
 *, `…/<case>/<series>.npy` or `…/<case>/<file>`, the case being the folder of digits next to the series. Files are never written under such names, so a
 * hostile one can do no more than be left out.
 */
export function placeOf(above: string, memberPath: string): Place | undefined {
  const member = memberPath.split("/");
  if (member.some((name) => name === "" || name === "." || name === ".." || JUNK.test(name))) return undefined;
  const file = member.at(-1)!;
  const at = caseAt(member, file);
  const caseId = member[at];
  if (caseId === undefined) return undefined;
  const outer = outerOf(above);
  const collection = collectionOf(member.slice(0, at)) ?? outer.collection;
  const parent = collection ?? (at > 0 ? member[at - 1] : outer.last);
  const caseName = parent ? `${parent}/${caseId}` : caseId;
  const isBeside = at === member.length - 2;
  if (isBeside && !file.endsWith(ARRAY)) return { collection, caseId, caseName, kind: "case", file };
  const kind = isBeside ? "array" : "series";
  const series = isBeside ? file.slice(0, -ARRAY.length) : member[at + 1]!;
  const bad = badName(series) ?? badName(file);
  const place = { collection, caseId, caseName, kind, series, file } as const;
  return bad ? { ...place, bad } : place;
}

/** What stands above an archive is the same for all its members, of which there are 145,000. */
let lastOuter = outerFolders("");
function outerOf(above: string): typeof lastOuter {
  if (lastOuter.above !== above) lastOuter = outerFolders(above);
  return lastOuter;
}

function outerFolders(above: string) {
  const folders = above.split("/").map((name) => name.replace(/\.(?:zip|tar|tar\.gz|tgz)$/i, ""));
  return { above, collection: collectionOf(folders), last: folders.at(-1) };
}

/** A series may be named by digits too: then its slices belong to the folder above, and a text or an array is the case's. */
function caseAt(member: readonly string[], file: string): number {
  const [beside, above] = [member.length - 2, member.length - 3];
  const isCase = (at: number) => CASE_ID.test(member[at] ?? "");
  if (isCase(above) && !(isCase(beside) && /\.(?:txt|npy)$/.test(file))) return above;
  return isCase(beside) ? beside : -1;
}

function badName(name: string) {
  // No character takes more than three bytes for each of its UTF-16 units.
  if (name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES)
    return {
      kind: "limit-exceeded",
      why: `a name of ${Buffer.byteLength(name)} bytes, more than ${MAX_NAME_BYTES}`,
    } as const;
  return HOSTILE.test(name)
    ? ({ kind: "bad-series-name", why: "a name with control characters or a backslash" } as const)
    : undefined;
}

function collectionOf(folders: readonly string[]): Collection | null {
  const name = folders.findLast((folder) => COLLECTION.test(folder));
  return name === undefined ? null : (COLLECTION.exec(name)![1]!.toLowerCase() as Collection);
}
