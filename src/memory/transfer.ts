import type { Row } from "../model/row.ts";

/** The distinct buffers of some views that can be moved to another thread: not those that are shared, among threads or views. */
export function buffersOf(views: readonly Uint8Array[]): ArrayBuffer[] {
  const buffers = new Set(views.map(({ buffer }) => buffer));
  return [...buffers].filter(
    (buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer && buffer.byteLength !== Buffer.poolSize,
  );
}

/** What of a row is too large to be copied from thread to thread. */
export function payloadsOf({ volume, slices }: Partial<Pick<Row, "volume" | "slices">>): Uint8Array[] {
  return [...(volume ? [volume] : []), ...(slices ?? []).flatMap(({ bytes }) => (bytes ? [bytes] : []))];
}
