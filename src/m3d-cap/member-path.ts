import type { Collection } from "../model/series.ts";

/**
 * Where a file belongs: a file inside a series' folder, a file of a case beside the series, or nowhere. `bad` says why a
 * series' name, or its file's, is none to work with: the series is then known, but can be no row.
 */
export type Place =
  | {
      readonly kind: "series";
      readonly collection: Collection;
      readonly caseId: string;
      readonly series: string;
      readonly file: string;
      readonly bad?: { readonly kind: "limit-exceeded" | "bad-series-name"; readonly why: string };
    }
  | { readonly kind: "case"; readonly collection: Collection; readonly caseId: string; readonly file: string };

/** Case ids are six digits today; room for more, none for a number that is no id. */
const CASE_ID = /^\d{1,12}$/;
const COLLECTION = /^(ct_case|ct_quizze)(?:_\d+)?$/;
/** The longest name that common file systems hold: the reference could not have unpacked a longer one. */
export const MAX_NAME_BYTES = 255;
/** Control characters, and those that turn the direction of text: nobody can tell such names apart. */
const HOSTILE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\\]/u;
const JUNK = /^(?:__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini)$|^\._/;

/**
 * Maps a path (the archive's, then the member's) to its place by a strict rule: `…<collection>…/[folder/]<case>/<series>/<file>`
 * or `…/<case>/<file>`. Files are never written under such names, so a hostile one can do no more than be left out.
 */
export function placeOf(archivePath: string, memberPath: string): Place | undefined {
  const member = memberPath.split("/");
  if (member.some((name) => name === "" || name === "." || name === ".." || JUNK.test(name))) return undefined;
  const outer = archivePath.split("/").map((name) => name.replace(/\.(?:zip|tar|tar\.gz|tgz)$/i, ""));
  const at = member.findIndex((name) => CASE_ID.test(name));
  if (at < 0) return undefined;
  const caseId = member[at]!;
  const collection = collectionOf([...outer, ...member.slice(0, at)]);
  if (collection === undefined) return undefined;
  const [first, second, ...more] = member.slice(at + 1);
  if (first === undefined || more.length > 0) return undefined;
  if (second === undefined) return { kind: "case", collection, caseId, file: first };
  const bad = badName(first) ?? badName(second);
  return { kind: "series", collection, caseId, series: first, file: second, ...(bad && { bad }) };
}

function badName(name: string) {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    return {
      kind: "limit-exceeded",
      why: `a name of ${Buffer.byteLength(name)} bytes, more than ${MAX_NAME_BYTES}`,
    } as const;
  return HOSTILE.test(name)
    ? ({ kind: "bad-series-name", why: "a name with control characters or a backslash" } as const)
    : undefined;
}

function collectionOf(folders: readonly string[]): Collection | undefined {
  for (const name of folders.toReversed()) {
    const match = COLLECTION.exec(name);
    if (match) return match[1] as Collection;
  }
  return undefined;
}
