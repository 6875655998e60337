import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { EtlError } from "../errors.ts";
import type { ByteRange } from "../model/byte-range.ts";
import { type ByteSource, checkWithin, type ReadOptions } from "./byte-source.ts";

/** One read call's size: large enough that system calls do not show, small enough to stay in cache. */
const CHUNK_BYTES = 1 << 20;

/** A local file. Its size is pinned when it is opened; a file that got shorter since gives "source-changed". */
export function fileSource(path: string, byteLength: number): ByteSource {
  return {
    name: path,
    byteLength,
    async *read(range: ByteRange, { signal }: ReadOptions = {}) {
      signal?.throwIfAborted();
      checkWithin({ name: path, byteLength }, range);
      const file = await open(path, "r").catch((error) => {
        throw readFault(error, path);
      });
      try {
        yield* chunksOf(file, path, range, signal);
      } catch (error) {
        throw readFault(error, path);
      } finally {
        await file.close();
      }
    },
  };
}

async function* chunksOf(file: FileHandle, path: string, range: ByteRange, signal: AbortSignal | undefined) {
  let position = range.start;
  while (position < range.end) {
    signal?.throwIfAborted();
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, range.end - position));
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position).catch((error) => {
      throw readFault(error, path);
    });
    if (bytesRead === 0)
      throw new EtlError("source-changed", `${path}: ends at byte ${position}, ${range.end} expected; index it again`);
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A file system's error in reading as a fault; anything else passes as it is. */
export function readFault(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  if (code === "EACCES" || code === "EPERM")
    return new EtlError("not-allowed", `${path}: may not be read (${code}); mend its rights or leave it out`, error);
  if (code === "ENOENT" || code === "ENOTDIR")
    return new EtlError("source-changed", `${path}: is not there any more; start again`, error);
  return new EtlError("source-not-found", `${path}: cannot be read (${code}); copy it anew`, error);
}

/** What a pipe or a file holds; undefined where that is more than `most` bytes. */
export async function readAtMost(path: string, most: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of createReadStream(path)) {
    if ((size += part.byteLength) > most) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The text of a plain file of at most `most` bytes; throws what the file system says, or why it is none. */
export async function readPlainFile(path: string, most: number): Promise<string> {
  const found = await stat(path);
  // A named pipe would be waited for without end.
  if (!found.isFile()) throw new Error("no plain file");
  if (found.size > most) throw new Error(`${found.size} bytes, more than ${most}`);
  return (await readAtMost(path, most))!.toString("utf8");
}
