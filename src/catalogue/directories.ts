import { rm } from "node:fs/promises";
import path from "node:path";
import type { Directory, Folder } from "../archive/archive-format.ts";
import { decodeDirectory, encodeDirectory } from "../archive/directory-file.ts";
import { EtlError, isFault } from "../errors.ts";
import { cacheFile, cacheFolder, readTrusted } from "../files/cache-folder.ts";
import { sweepTemporaries } from "../files/temporary-files.ts";
import { writeWhole } from "../files/whole-file.ts";
import type { PlannedArchive } from "../model/plan.ts";
import type { Archive, Source } from "../source/source.ts";
import { foldersByCase } from "./case-files.ts";

type SourceName = Pick<Source, "name" | "revision">;

/** An archive's directory, from an index or from the cache where a sound copy of the same content lies there. */
export async function directoryOf(
  source: SourceName,
  archive: Archive,
  signal?: AbortSignal,
): Promise<{ directory: Directory; cached: boolean }> {
  if (archive.known) return { directory: await archive.known.whole(signal), cached: true };
  if (!archive.cacheable) return { directory: await archive.format.directory(archive.bytes, { signal }), cached: true };
  const file = cacheFile(cacheFolder(source.name, source.revision), archive.path);
  const identity = identityOf(archive, archive.format.name);
  const kept = await readTrusted(file);
  const known = kept && (await decodeDirectory(kept, identity).catch(() => undefined));
  if (known) return { directory: known, cached: true };
  let directory: Directory;
  try {
    directory = await archive.format.directory(archive.bytes, { signal });
  } catch (error) {
    // Its name may have said wrong what it is.
    if (isFault(error, "bad-archive") && (await archive.reopen?.(signal))) return directoryOf(source, archive, signal);
    throw error;
  }
  if (directory.isUnsure) return { directory, cached: false };
  const encoded = encodeDirectory(directory, identity);
  try {
    await sweepTemporaries(path.dirname(file));
    await writeWhole(file, encoded);
  } catch (error) {
    // A cache that cannot be written costs a second reading, not the run.
    if (!isFault(error, "cannot-write", "disk-full")) throw error;
  }
  return { directory, cached: false };
}

/** A directory of a Hub's archive that was read before, from the cache alone. */
export async function cachedDirectory(
  name: string,
  revision: string,
  planned: PlannedArchive,
): Promise<Directory | undefined> {
  const kept = await readTrusted(cacheFile(cacheFolder(name, revision), planned.path));
  return kept && decodeDirectory(kept, identityOf(planned, planned.format)).catch(() => undefined);
}

function identityOf(archive: Pick<Archive, "path" | "byteLength" | "contentId" | "stampOf">, format: string) {
  return {
    path: archive.path,
    contentId: [archive.contentId, archive.stampOf?.("")].filter(Boolean).join(" "),
    byteLength: String(archive.byteLength),
    format,
  };
}

/** Folders of an archive by case. */
export type Cases = ReadonlyMap<string, readonly Folder[]>;

/** Members of the directories that are kept, some 10 bytes each: all 12 million of M3D-Cap. */
const KEPT_MEMBERS = 16_000_000;

/** The directories used last, packed, so that a shuffled order does not load one anew for every case. */
export class DirectoryCache {
  private readonly kept = new Map<Archive, Promise<Cases>>();
  /** Members of each that is there; those used last stand last. */
  private readonly sizes = new Map<Archive, number>();
  private members = 0;
  private readonly source: SourceName;
  private readonly signal: AbortSignal | undefined;
  constructor(source: SourceName, signal?: AbortSignal) {
    this.source = source;
    this.signal = signal;
  }

  /** The folders of each of an archive's cases. */
  get(archive: Archive): Promise<Cases> {
    const size = this.sizes.get(archive);
    if (size !== undefined && this.sizes.delete(archive)) this.sizes.set(archive, size);
    const cases = this.kept.get(archive) ?? this.load(archive);
    this.kept.set(archive, cases);
    return cases;
  }

  /** Throws away what is cached of an archive whose member is not what its directory says: it may be at fault. */
  async distrust(archive: Archive, member: string): Promise<void> {
    if (archive.known) archive.known.doubt(member);
    else if (archive.cacheable)
      await rm(cacheFile(cacheFolder(this.source.name, this.source.revision), archive.path), { force: true }).catch(
        () => {},
      );
  }

  private async load(archive: Archive): Promise<Cases> {
    try {
      const { directory } = await directoryOf(this.source, archive, this.signal);
      const size = directory.folders.reduce((sum, { count }) => sum + count, 0);
      this.sizes.set(archive, size);
      this.members += size;
      for (const old of this.sizes.keys()) {
        if (this.members <= KEPT_MEMBERS || old === archive) break;
        this.forget(old);
      }
      return foldersByCase(directory, archive.above);
    } catch (error) {
      this.forget(archive);
      throw error;
    }
  }

  private forget(archive: Archive): void {
    this.members -= this.sizes.get(archive) ?? 0;
    this.sizes.delete(archive);
    this.kept.delete(archive);
  }
}

/** The source's archive that a plan pinned, or "source-changed" when the source no longer has it as it was. */
export function archiveFor(source: Source, planned: { path: string; byteLength: number; contentId: string }): Archive {
  const archive = source.archives.find((one) => one.path === planned.path);
  if (archive && archive.byteLength === planned.byteLength && archive.contentId === planned.contentId) return archive;
  throw new EtlError(
    "source-changed",
    `${planned.path || "loose files"}: not what the plan was made for; plan again in a new folder`,
  );
}
