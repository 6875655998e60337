import type { ByteSource } from "../../src/bytes/byte-source.ts";

/** Bytes in memory as a source, in chunks of a size that divides nothing; `reads` counts the ranges asked for. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource & { readonly reads: { count: number } } {
  const reads = { count: 0 };
  return {
    name,
    byteLength: bytes.byteLength,
    reads,
    async *read({ start, end }) {
      reads.count += 1;
      for (let at = start; at < end; at += 777) yield bytes.subarray(at, Math.min(end, at + 777));
    },
  };
}
