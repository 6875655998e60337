import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { temporaryName } from "./temporary-files.ts";

/** Room in a file name of 255 bytes for what is put before and behind. */
const MAX_STEM = 120;
/** A name that is a file name everywhere, and no step upwards. */
const asName = (text: string) =>
  text
    .replace(/[^\w.-]+/g, "--")
    .slice(-MAX_STEM)
    .replace(/^\.+$/, "--");

function cacheBase(): string {
  return (
    process.env["VOXSHARD_CACHE"] ??
    path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "voxshard")
  );
}

/** Where archive directories are kept between runs, one folder a revision. */
export function cacheFolder(sourceName: string, revision: string): string {
  return path.join(cacheBase(), asName(sourceName), revision);
}

export function cacheFile(folder: string, archivePath: string): string {
  const digest = createHash("sha256").update(archivePath).digest("hex").slice(0, 12);
  return path.join(folder, `${asName(path.posix.basename(archivePath))}-${digest}.parquet`);
}

/** The file's bytes; undefined where there is none, or where others could have written it. */
export async function readTrusted(file: string): Promise<Uint8Array | undefined> {
  if ((await distrusted(file)) !== undefined) return undefined;
  return readFile(file).catch(() => undefined);
}

/** What of a path in the cache, from the cache's own folder down, others may write; undefined where nothing is. */
export async function distrusted(inCache: string): Promise<string | undefined> {
  for (let place = inCache; ; place = path.dirname(place)) {
    const found = await stat(place).catch(() => undefined);
    if (found && isOthers(found)) return place;
    if (place === path.dirname(place) || path.resolve(place) === path.resolve(cacheBase())) return undefined;
  }
}

/** A group is trusted where it is the user's own, which many systems give everybody. */
function isOthers({ uid, gid, mode }: Stats): boolean {
  const [user, group] = [process.geteuid?.(), process.getegid?.()];
  if (user === undefined) return false;
  const [BY_GROUP, BY_ALL] = [0o020, 0o002];
  return (uid !== user && uid !== 0) || (mode & BY_ALL) !== 0 || ((mode & BY_GROUP) !== 0 && gid !== group);
}

export interface WriteWhole {
  /** Where the temporary file lies, on the same file system; beside the file unless told otherwise. */
  readonly temporary?: string;
  /** How it gets its final name. */
  readonly place?: (temporary: string, file: string) => Promise<void>;
}

/** Temporary file → fsync → rename: what stands under the final name is whole. */
export async function writeWhole(
  file: string,
  content: Uint8Array | string,
  { temporary = temporaryName(file), place = rename }: WriteWhole = {},
): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await mkdir(path.dirname(temporary), { recursive: true });
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeFault(error, file);
  }
}

/** Makes a rename in the folder last through a power cut; not every system can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** What file systems answer to a write that no free space would mend. */
const REFUSED = new Set(
  "EACCES EBUSY EEXIST EFBIG EINVAL EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENODEV ENOENT ENOTDIR ENOTEMPTY ENOTSUP ENXIO EPERM EROFS ESTALE EXDEV".split(
    " ",
  ),
);

/** A file system's error as a fault; anything else passes as it is. */
export function writeFault(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new EtlError(
      "disk-full",
      `${file}: the disk is full; free some space and run the same command again`,
      error,
    );
  if (code !== undefined && REFUSED.has(code))
    return new EtlError(
      "cannot-write",
      `${file}: cannot be written (${code}); choose another --out or mend its rights`,
      error,
    );
  return error;
}
