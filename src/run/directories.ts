import path from "node:path";
import type { Directory, Folder } from "../archive/archive-format.ts";
import { decodeDirectory, encodeDirectory } from "../archive/directory-file.ts";
import { EtlError, isFault } from "../errors.ts";
import { cacheFile, cacheFolder, readTrusted } from "./cache-folder.ts";
import { foldersByCase } from "./catalogue.ts";
import type { Shelf, Source } from "./source.ts";
import { sweepTemporaries } from "./temporary-files.ts";
import { writeWhole } from "./whole-file.ts";

/** An archive's directory, from the cache where a sound copy of the same content lies there. */
export async function directoryOf(
  source: Source,
  shelf: Shelf,
  signal?: AbortSignal,
): Promise<{ directory: Directory; cached: boolean }> {
  if (!shelf.cacheable) return { directory: await shelf.format.directory(shelf.bytes, { signal }), cached: true };
  const file = cacheFile(cacheFolder(source.name, source.revision), shelf.path);
  const identity = {
    path: shelf.path,
    contentId: shelf.contentId,
    byteLength: String(shelf.byteLength),
    format: shelf.format.name,
  };
  const kept = await readTrusted(file);
  const known = kept && (await decodeDirectory(kept, identity).catch(() => undefined));
  if (known) return { directory: known, cached: true };
  const directory = await shelf.format.directory(shelf.bytes, { signal });
  const encoded = encodeDirectory(directory, identity);
  try {
    await sweepTemporaries(path.dirname(file)).catch(() => {});
    await writeWhole(file, encoded);
  } catch (error) {
    // A cache that cannot be written costs a second reading, not the run.
    if (!isFault(error, "cannot-write", "disk-full")) throw error;
  }
  return { directory, cached: false };
}

/** Folders of an archive by case. */
export type Cases = ReadonlyMap<string, readonly Folder[]>;

/** Members of the directories that are kept, some 10 bytes each: all 12 million of M3D-Cap. */
const KEPT_MEMBERS = 16_000_000;

/** The directories used last, packed, so that a shuffled order does not load one anew for every case. */
export class DirectoryShelf {
  private readonly kept = new Map<Shelf, Promise<Cases>>();
  /** Members of each that is there; those used last stand last. */
  private readonly sizes = new Map<Shelf, number>();
  private members = 0;
  private readonly source: Source;
  private readonly signal: AbortSignal | undefined;
  constructor(source: Source, signal?: AbortSignal) {
    this.source = source;
    this.signal = signal;
  }

  /** The folders of each of an archive's cases. */
  get(shelf: Shelf): Promise<Cases> {
    const size = this.sizes.get(shelf);
    if (size !== undefined && this.sizes.delete(shelf)) this.sizes.set(shelf, size);
    const cases = this.kept.get(shelf) ?? this.load(shelf);
    this.kept.set(shelf, cases);
    return cases;
  }

  private async load(shelf: Shelf): Promise<Cases> {
    try {
      const { directory } = await directoryOf(this.source, shelf, this.signal);
      const size = directory.folders.reduce((sum, { count }) => sum + count, 0);
      this.sizes.set(shelf, size);
      this.members += size;
      for (const old of this.sizes.keys()) {
        if (this.members <= KEPT_MEMBERS || old === shelf) break;
        this.forget(old);
      }
      return foldersByCase(directory, shelf.path);
    } catch (error) {
      this.forget(shelf);
      throw error;
    }
  }

  private forget(shelf: Shelf): void {
    this.members -= this.sizes.get(shelf) ?? 0;
    this.sizes.delete(shelf);
    this.kept.delete(shelf);
  }
}

/** The shelf that a plan's archive names, or "source-changed" when the source no longer has it as it was. */
export function shelfFor(source: Source, archive: { path: string; byteLength: number; contentId: string }): Shelf {
  const shelf = source.shelves.find((one) => one.path === archive.path);
  if (shelf && shelf.byteLength === archive.byteLength && shelf.contentId === archive.contentId) return shelf;
  throw new EtlError(
    "source-changed",
    `${archive.path || "loose files"}: not what the plan was made for; plan again in a new folder`,
  );
}
