import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { temporaryName } from "./temporary-files.ts";

export interface WholeFile {
  /** Where the temporary file lies, on the same file system; beside the file unless told otherwise. */
  readonly temporary?: string;
  /** How it gets its final name. */
  readonly place?: (temporary: string, file: string) => Promise<void>;
}

/** Has a temporary file made (and synced), then gives it its name: what stands under the final name is whole. */
export async function makeWhole<T>(
  file: string,
  make: (temporary: string) => Promise<T>,
  { temporary = temporaryName(file), place = rename }: WholeFile = {},
): Promise<T> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await mkdir(path.dirname(temporary), { recursive: true });
    const made = await make(temporary);
    await place(temporary, file);
    await syncFolder(path.dirname(file));
    return made;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeFault(error, file);
  }
}

/** A whole file of what is in memory. */
export function writeWhole(file: string, content: Uint8Array | string, options?: WholeFile): Promise<void> {
  const write = async (temporary: string) => {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  return makeWhole(file, write, options);
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

const ADVICE: Readonly<Record<string, string>> = {
  EROFS: "choose another --out: its file system is read-only",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
  ENFILE: "the system has too many files open; close some programs",
  ENAMETOOLONG: "its path is too long: choose a shorter --out",
};

/** A file system's error as a fault; anything else passes as it is. */
export function writeFault(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const what = code === "ENOSPC" ? "the disk is full" : "your quota is used up (EDQUOT)";
    return new EtlError("disk-full", `${file}: ${what}; free some space and run the same command again`, error);
  }
  if (code !== undefined && REFUSED.has(code))
    return new EtlError(
      "cannot-write",
      `${file}: cannot be written (${code}); ${ADVICE[code] ?? "choose another --out or change its permissions"}`,
      error,
    );
  return error;
}
