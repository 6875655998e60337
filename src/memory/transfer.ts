import * as threads from "node:worker_threads";
import type { Row } from "../model/row.ts";

/** Node 20 copies what its owner keeps, such as an add-on's buffers; later ones refuse a message that would move it. */
const { isMarkedAsUntransferable = () => false } = threads as {
  isMarkedAsUntransferable?: (object: object) => boolean;
};

/** The distinct buffers of some views that can be moved to another thread: not those that are shared, among threads or views. */
export function buffersOf(views: readonly Uint8Array[]): ArrayBuffer[] {
  const buffers = new Set(views.map(({ buffer }) => buffer));
  return [...buffers].filter(
    (buffer): buffer is ArrayBuffer =>
      buffer instanceof ArrayBuffer && buffer.byteLength !== Buffer.poolSize && !isMarkedAsUntransferable(buffer),
  );
}

/** What of a row is too large to be copied from thread to thread. */
export function payloadsOf({ volume, slices }: Partial<Pick<Row, "volume" | "slices">>): Uint8Array[] {
  return [...(volume ? [volume] : []), ...(slices ?? []).flatMap(({ bytes }) => (bytes ? [bytes] : []))];
}
