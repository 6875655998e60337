import type { ByteRange } from "../model/byte-range.ts";
import { type ByteSource, checkWithin, type ReadOptions } from "./byte-source.ts";

/** Several sources end to end, read as one: loose files thus share the range plane of the archives. */
export function concatenated(name: string, parts: readonly ByteSource[]): ByteSource {
  const starts: number[] = [];
  let byteLength = 0;
  for (const part of parts) {
    starts.push(byteLength);
    byteLength += part.byteLength;
  }
  return {
    name,
    byteLength,
    async *read(range: ByteRange, options: ReadOptions = {}) {
      options.signal?.throwIfAborted();
      checkWithin({ name, byteLength }, range);
      for (let i = lastAtOrBefore(starts, range.start); i < parts.length; i++) {
        const start = starts[i]!;
        if (start >= range.end) return;
        const from = Math.max(range.start - start, 0);
        const to = Math.min(range.end - start, parts[i]!.byteLength);
        if (from < to) yield* parts[i]!.read({ start: from, end: to }, options);
      }
    },
  };
}

function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, 0);
}
