import type { FileHandle } from "node:fs/promises";
import type { AsyncBuffer } from "hyparquet";
import { readRange } from "../../files/written-file.ts";

/** An open file as hyparquet reads one. */
export async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const byteLength = (await handle.stat()).size;
  return { byteLength, slice: async (start, end = byteLength) => (await readRange(handle, start, end)).buffer };
}
