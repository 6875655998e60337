import { type FileHandle, open } from "node:fs/promises";
import { EtlError } from "../errors.ts";
import { readFault } from "../files/read-file.ts";
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
