import { EtlError, isFault } from "../errors.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import type { Source } from "../source/source.ts";
import { type CatalogueEntry, catalogueOf, markCollisions } from "./catalogue.ts";
import { directoryOf } from "./directories.ts";

export interface IndexReport {
  readonly entries: readonly CatalogueEntry[];
  /** Archives whose directory cannot be read, and why. */
  readonly unreadable: readonly { readonly path: string; readonly detail: string }[];
  readonly members: number;
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
  source: Source,
  options: { signal?: AbortSignal | undefined; onProgress?: ((progress: IndexProgress) => void) | undefined } = {},
): Promise<IndexReport> {
  const entries: CatalogueEntry[] = [];
  const unreadable: { path: string; detail: string }[] = [];
  let [members, unplaced, read, done] = [0, 0, 0, 0];
  const found = mapBounded(source.archives.entries(), { limit: ARCHIVES_AT_ONCE }, async ([at, archive]) => {
    options.onProgress?.({ done, total: source.archives.length, path: archive.path });
    try {
      const { directory, cached } = await directoryOf(source, archive, options.signal);
      return { ...catalogueOf(directory, archive.path, at), cached };
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
    members += one.members;
    unplaced += one.unplaced;
    read += one.cached ? 0 : 1;
  }
  if (entries.length === 0 && unreadable.length > 0) throw new EtlError("bad-archive", unreadable[0]!.detail);
  return { entries: markCollisions(entries), unreadable, members, unplaced, read };
}
