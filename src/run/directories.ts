import path from "node:path";
import type { Directory } from "../archive/archive-format.ts";
import { decodeDirectory, encodeDirectory } from "../archive/directory-file.ts";
import { EtlError, isFault } from "../errors.ts";
import { cacheFile, cacheFolder, readTrusted, writeWhole } from "./cache-folder.ts";
import type { Shelf, Source } from "./source.ts";
import { sweepTemporaries } from "./temporary-files.ts";

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
  const encoded = await encodeDirectory(directory, identity);
  try {
    await sweepTemporaries(path.dirname(file)).catch(() => {});
    await writeWhole(file, encoded);
  } catch (error) {
    // A cache that cannot be written costs a second reading, not the run.
    if (!isFault(error, "cannot-write", "disk-full")) throw error;
  }
  return { directory, cached: false };
}

/** The last few directories used, since a shard's rows lie archive by archive. */
export class DirectoryShelf {
  private readonly kept = new Map<number, Promise<Directory>>();
  private readonly source: Source;
  private readonly signal: AbortSignal | undefined;
  constructor(source: Source, signal?: AbortSignal) {
    this.source = source;
    this.signal = signal;
  }
  /** Directories of 150,000 members take some 40 MB each in memory. */
  private static readonly KEPT = 3;

  get(shelf: Shelf): Promise<Directory> {
    const at = this.source.shelves.indexOf(shelf);
    let directory = this.kept.get(at);
    if (!directory) {
      directory = directoryOf(this.source, shelf, this.signal).then((found) => found.directory);
      directory.catch(() => this.kept.delete(at));
      this.kept.set(at, directory);
      if (this.kept.size > DirectoryShelf.KEPT) this.kept.delete(this.kept.keys().next().value!);
    }
    return directory;
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
