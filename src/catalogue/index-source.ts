import { isFault } from "../errors.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import { firstOf, type Unread } from "../model/unread.ts";
import type { Source } from "../source/source.ts";
import { type CatalogueEntry, catalogueOf, type FoundReport } from "./catalogue.ts";
import { type Copy, withoutCopies } from "./copies.ts";
import { directoryOf } from "./directories.ts";
import { withReports } from "./reports.ts";

export interface IndexReport {
  readonly entries: readonly CatalogueEntry[];
  /** Archives that cannot be read, and why. */
  readonly unreadable: readonly { readonly path: string; readonly detail: string }[];
  /** Files and members that are not read, each with its reason. */
  readonly unread: readonly Unread[];
  readonly members: number;
  /** Members that belong to no series or case. */
  readonly unplaced: number;
  /** Archives whose directory had to be read from the source. */
  readonly read: number;
}

export interface IndexProgress {
  readonly done: number;
  readonly total: number;
  readonly path: string;
}

/** Directories read at once: while one is on its way another is unpacked, and each holds its bytes, some 15 MB. */
const ARCHIVES_AT_ONCE = 4;

/** Reads (or takes from the cache) every archive's directory, and keeps what planning needs, in order of the archives. */
export async function indexSource(
  source: Pick<Source, "name" | "revision" | "archives" | "unread">,
  options: { signal?: AbortSignal | undefined; onProgress?: ((progress: IndexProgress) => void) | undefined } = {},
): Promise<IndexReport> {
  const entries: CatalogueEntry[] = [];
  const reports: FoundReport[] = [];
  const unreadable: { path: string; detail: string }[] = [];
  const unread = [...source.unread];
  let [members, unplaced, read, done] = [0, 0, 0, 0];
  const found = mapBounded(source.archives.entries(), { limit: ARCHIVES_AT_ONCE }, async ([at, archive]) => {
    options.onProgress?.({ done, total: source.archives.length, path: archive.path });
    try {
      const { directory, cached } = archive.known
        ? { directory: await archive.known.outline(options.signal), cached: true }
        : await directoryOf(source, archive, options.signal);
      return { ...catalogueOf(directory, archive.above, at), archive, cached };
    } catch (error) {
      if (!isFault(error, "bad-archive")) throw error;
      return { path: archive.path, detail: error.message };
    } finally {
      done += 1;
    }
  });
  for await (const one of found) {
    if (!("entries" in one)) {
      unreadable.push(one);
      continue;
    }
    for (const entry of one.entries) entries.push(entry);
    for (const report of one.reports) reports.push(report);
    members += one.members;
    unplaced += one.unplaced;
    read += one.cached ? 0 : 1;
    if (one.unplaced > 0) unread.push(straysOf(one.archive.path, one.unplaced, one.strays));
  }
  const single = await withoutCopies(withReports(entries, reports), source, options.signal);
  return {
    entries: single.entries,
    unreadable,
    unread: [...unread, ...copiesOf(single.copies, source)],
    members,
    unplaced,
    read,
  };
}

function straysOf(path: string, count: number, names: readonly string[]): Unread {
  return { path, reason: "unplaced-members", count, detail: `of no series or case: ${firstOf(names, count)}` };
}

const sameAs = ({ entry, kept }: Copy) =>
  entry.isArray && !kept.isArray ? "arrays of series that are read from their slices" : "the same series and bytes as";

/** Of each archive that holds copies, which series they are. */
function copiesOf(copies: readonly Copy[], { archives }: Pick<Source, "archives">): readonly Unread[] {
  const byPlace = new Map<string, Copy[]>();
  const nameOf = (archive: number) => archives[archive]!.path || "loose files";
  for (const copy of copies) {
    const place = nameOf(copy.entry.archive);
    if (!byPlace.get(place)?.push(copy)) byPlace.set(place, [copy]);
  }
  return [...byPlace].map(([path, list]) => ({
    path,
    reason: "copy",
    count: list.length,
    detail: `${sameAs(list[0]!)} in ${nameOf(list[0]!.kept.archive)}: ${firstOf(
      list.map(({ entry }) => entry.id),
      list.length,
    )}`,
  }));
}
