import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { temporaryName } from "./temporary-files.ts";

/** Where archive directories are kept between runs, one folder a revision. */
export function cacheFolder(sourceName: string, revision: string): string {
  const base =
    process.env["VOXSHARD_CACHE"] ??
    path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "voxshard");
  return path.join(base, sourceName.replace(/[^\w.-]+/g, "--"), revision);
}

export function cacheFile(folder: string, archivePath: string): string {
  const digest = createHash("sha256").update(archivePath).digest("hex").slice(0, 12);
  return path.join(folder, `${path.posix.basename(archivePath)}-${digest}.parquet`);
}

/** The file's bytes; undefined where there is none, or where others could have written it. */
export async function readTrusted(file: string): Promise<Uint8Array | undefined> {
  const [folder, own] = await Promise.all([stat(path.dirname(file)), stat(file)]).catch(() => []);
  if (!folder || !own) return undefined;
  const WRITABLE_BY_OTHERS = 0o002;
  if (process.platform !== "win32" && (folder.mode | own.mode) & WRITABLE_BY_OTHERS) return undefined;
  return readFile(file).catch(() => undefined);
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
