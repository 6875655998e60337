import { isFault } from "../errors.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import type { IndexedArchive } from "../model/coordinates.ts";
import type { Archive, Source } from "../source/source.ts";
import type { ArchiveIndex } from "./archive-index.ts";
import { type Coverage, coverage } from "./coverage.ts";
import { DeepCheck } from "./deep-check.ts";
import { differing, hasOwnDirectory } from "./fitted.ts";

export interface CheckOptions {
  /** Reads every member and holds it against its CRC-32. */
  readonly deep?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
}
export interface CheckProgress {
  readonly path: string;
  readonly archives: number;
  readonly totalArchives: number;
  /** Bytes of archives; with `deep` those that were read, and those to be read. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** One archive of an index, as a copy has it. */
export interface CheckedArchive {
  readonly path: string;
  /**
   * "whole" as far as was looked; "missing"; "other" by its size, its hash on the Hub or its own directory; "unreadable";
   * "damaged", where members are not what the index says.
   */
  readonly state: "whole" | "missing" | "other" | "unreadable" | "damaged";
  /** What is wrong; empty where nothing is. */
  readonly detail: string;
  readonly byteLength: number;
  readonly members: number;
  /** Members that were read and held against their CRC-32, now or by the run that this one goes on from. */
  readonly read: number;
  /** Names of those that are damaged. */
  readonly damaged: readonly string[];
  /** Series of each list that lie in it. */
  readonly series: Readonly<Record<string, number>>;
}
export interface Checked {
  readonly isWhole: boolean;
  readonly archives: readonly CheckedArchive[];
  readonly lists: Coverage["lists"];
  /** Archives of the copy that the index does not have. */
  readonly unknown: readonly string[];
  /** Bytes that were read for their checksums in this run, and how long that took. */
  readonly deep: { readonly bytes: number; readonly seconds: number } | undefined;
}

/** Directories compared at once: each is read once, some 15 MB. */
const AT_ONCE = 4;

/** Holds a copy, whole or in part, against an index. Faults of the copy are what it tells; only an index at fault throws. */
export async function check(source: Source, index: ArchiveIndex, options: CheckOptions = {}): Promise<Checked> {
  const { signal, onProgress } = options;
  const byPath = new Map(source.archives.map((archive) => [archive.path, archive]));
  const { archives } = index.head;
  const totalBytes = archives.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let [done, bytes] = [0, 0];
  const found: Found[] = [];
  for await (const one of mapBounded(archives, { limit: AT_ONCE }, async (indexed) => {
    const answer = await looked(source, byPath.get(indexed.path), indexed, signal);
    [done, bytes] = [done + 1, bytes + indexed.byteLength];
    const progress = { path: indexed.path, archives: done, totalArchives: archives.length, bytes, totalBytes };
    if (!options.deep) onProgress?.(progress);
    return answer;
  }))
    found.push(one);
  const deep = options.deep ? await DeepCheck.open(source, index) : undefined;
  const checked = deep ? await deep.read(found, options) : found;
  const whole = new Set(checked.filter(({ state }) => state === "whole" || state === "damaged").map(pathOf));
  const bad = new Map(checked.map(({ indexed: { path }, damaged }) => [path, damaged ?? []]));
  const { lists, byArchive } = await coverage(index, whole, bad, signal);
  return {
    isWhole: checked.every(({ state }) => state === "whole"),
    archives: checked.map(({ indexed, state, detail, read = 0, damaged = [] }) => ({
      ...{ path: indexed.path, state, detail, byteLength: indexed.byteLength, members: indexed.members, read, damaged },
      series: byArchive.get(indexed.path) ?? {},
    })),
    lists,
    unknown: source.archives.filter(({ path }) => path !== "" && !index.archive(path)).map(({ path }) => path),
    deep: deep?.cost,
  };
}

/** An archive of the index, what the copy has in its place, and what is known of that so far. */
export interface Found extends Pick<CheckedArchive, "state" | "detail"> {
  readonly indexed: IndexedArchive;
  readonly archive: Archive | undefined;
  readonly read?: number;
  readonly damaged?: readonly string[];
}

const pathOf = ({ indexed }: Found) => indexed.path;

/** All that can be told of an archive without reading its members. */
async function looked(
  source: Source,
  archive: Archive | undefined,
  indexed: IndexedArchive,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const as = (state: Found["state"], detail: string): Found => ({ indexed, archive, state, detail });
  if (!archive) return as("missing", "is not there");
  try {
    // Of what is no archive, or lacks a piece, the directory's fault tells.
    if (!archive.cacheable) await archive.format.directory(archive.bytes, { signal });
    const why = differing(source, archive, indexed);
    if (why !== undefined) return as("other", `${why} the index`);
    const isSame = archive.contentId === indexed.contentId && source.kind !== "local";
    if (!isSame && archive.format.name !== indexed.format) await archive.reopen?.(signal);
    if (archive.format.name !== indexed.format) return as("other", `is ${archive.format.name}, not as in the index`);
    if (!isSame && (await hasOwnDirectory(archive, indexed, { signal })) === false)
      return as("other", "has another directory than in the index: not whole, or of another version");
    return as("whole", "");
  } catch (error) {
    signal?.throwIfAborted();
    if (!isFault(error)) throw error;
    return as("unreadable", error.message);
  }
}
