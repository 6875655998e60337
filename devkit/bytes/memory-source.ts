import { type ByteSource, checkWithin } from "../../src/bytes/byte-source.ts";

/** Bytes in memory as a source, in chunks of a size that divides nothing; `reads` counts the ranges asked for. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource & { readonly reads: { count: number } } {
  const reads = { count: 0 };
  return {
    name,
    byteLength: bytes.byteLength,
    reads,
    async *read({ start, end }, { signal } = {}) {
      reads.count += 1;
      signal?.throwIfAborted();
      checkWithin({ name, byteLength: bytes.byteLength }, { start, end });
      for (let at = start; at < end; at += 777) {
        signal?.throwIfAborted();
        yield bytes.subarray(at, Math.min(end, at + 777));
      }
    },
  };
}
