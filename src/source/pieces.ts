import { tellsNothing } from "../archive/kind-of-archive.ts";
import type { ListedFile } from "./archives.ts";

/** Files that are one when they are put end to end. */
export interface Pieces {
  /** What the whole is called: its name where the pieces' names hold it, else the first piece's. */
  readonly path: string;
  readonly files: readonly ListedFile[];
  /** What their names say that is not there, one of the missing by its name; undefined where none is. */
  readonly missing: string | undefined;
  /** The whole's name, which tells its kind; undefined where the first bytes must, or they are no pieces at all. */
  readonly name: string | undefined;
}

const WHOLE = "zip|tar|tgz|txz|tbz2?|7z|tar\\.(?:gz|xz|bz2|zst)";
/** Letters that are a piece's only where the one before it is there: else they name a kind. */
const KIND = /^(?:gz|xz|bz|lz|br|md)$/i;
/** `name.zip.001`, `name.tar.gz.part-02`, `name.tar.aa`. */
const NAMED = new RegExp(`^((?:.*/)?[^/]*\\.(?:${WHOLE}))(\\.(?:part[-_.]?)?)(\\d{1,6}|[a-z]{2,3})$`, "i");
/** `image_part_aa`, `image.001`: what they are pieces of is not said. */
const UNNAMED = /^((?:.*\/)?[^/]*?)([._-](?:part[-_.]?)?)(\d{2,6}|[a-z]{2,3})$/i;
/** A part of a ZIP that was spanned: what leads to the others is the last one, `name.zip`. */
const SPANNED = /^(.*)\.z\d\d+$/i;

interface Group {
  readonly isNamed: boolean;
  readonly whole: string;
  readonly middle: string;
  readonly files: [ending: string, file: ListedFile][];
}

/** Sorts out the files that are pieces; `rest` are the others, without the first parts of a spanned ZIP that has its last. */
export function piecesOf(files: readonly ListedFile[]): { pieces: readonly Pieces[]; rest: readonly ListedFile[] } {
  const groups = new Map<string, Group>();
  const paths = new Set(files.map(({ path }) => path));
  for (const file of files) {
    const named = NAMED.exec(file.path);
    const match = named ?? (tellsNothing(file.path) ? UNNAMED.exec(file.path) : null);
    if (!match) continue;
    const [, whole, middle, ending] = match as unknown as [string, string, string, string];
    const key = `${whole}\0${middle}\0${isNumber(ending) ? "number" : ending.length}`;
    const group = groups.get(key);
    if (group) group.files.push([ending, file]);
    else groups.set(key, { isNamed: named !== null, whole, middle, files: [[ending, file]] });
  }
  const pieces = [...groups.values()].flatMap((group) => together(group, paths) ?? []);
  const taken = new Set(pieces.filter(({ name }) => name !== undefined).flatMap((one) => one.files));
  const spans = (path: string) => {
    const stem = SPANNED.exec(path)?.[1];
    return stem !== undefined && [".zip", ".ZIP", ".Zip"].some((end) => paths.has(stem + end));
  };
  return { pieces, rest: files.filter((file) => !taken.has(file) && !spans(file.path)) };
}

/** The group as pieces of one file; undefined where its files only look like some. */
function together({ isNamed, whole, middle, files }: Group, paths: ReadonlySet<string>): Pieces | undefined {
  const places = new Set(files.map(([ending]) => placeOf(ending)));
  const found = files
    .filter(([ending]) => !KIND.test(ending) || places.has(placeOf(ending) - 1))
    .sort(([a], [b]) => placeOf(a) - placeOf(b));
  const first = found[0];
  if (!first) return undefined;
  const [ending, { path }] = first;
  const isFirst = placeOf(ending) <= (isNumber(ending) ? 1 : 0);
  // Two letters may be anything. Without a kind in the names the first must be there to tell it, and one alone is whole.
  const isClear = isNamed && (isNumber(ending) || /part/i.test(middle));
  if (!isFirst && !isClear) return undefined;
  if (!isNamed && found.length === 1) return undefined;
  const lacking = firstMissing(found.map(([one]) => one));
  return {
    path: isNamed && !paths.has(whole) ? whole : path,
    files: found.map(([, file]) => file),
    missing: lacking === undefined ? undefined : `${whole}${middle}${lacking}`,
    name: isNamed ? whole : undefined,
  };
}

const isNumber = (ending: string) => /\d/.test(ending);

/** A piece's place by its ending: digits count, letters are a number of base 26, as `split` has them. */
function placeOf(ending: string): number {
  if (isNumber(ending)) return Number(ending);
  return [...ending.toLowerCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 97, 0);
}

/** The ending of the first piece that is not there though a later one is. */
function firstMissing(endings: readonly string[]): string | undefined {
  const first = endings[0]!;
  const start = isNumber(first) ? Math.min(1, placeOf(first)) : 0;
  const at = endings.findIndex((ending, nth) => placeOf(ending) !== start + nth);
  if (at < 0) return undefined;
  const place = start + at;
  if (isNumber(first)) return String(place).padStart(first.length, "0");
  const letters = Array.from({ length: first.length }, (_, nth) =>
    String.fromCharCode(97 + (Math.floor(place / 26 ** nth) % 26)),
  );
  return letters.toReversed().join("");
}
