import { EtlError } from "../../errors.ts";

/** A body that comes slower than this does not count as coming: a 64 MB range would take most of a day. */
const LEAST_BYTES_PER_SECOND = 1024;

/**
 * The same chunks, or "too-slow" once `stallMs` of waiting have brought next to nothing. Silence is the socket's to notice;
 * this is for bodies that drip. A reader that takes its time is not counted. `wanted`: bytes after which no more is needed.
 */
export async function* paced(
  chunks: AsyncIterable<Uint8Array>,
  stallMs: number,
  name: string,
  wanted = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  let [waitedMs, bytes, left] = [0, 0, wanted];
  let asked = performance.now();
  for await (const chunk of chunks) {
    waitedMs += performance.now() - asked;
    bytes += chunk.byteLength;
    left -= chunk.byteLength;
    yield chunk;
    if (waitedMs >= stallMs) {
      if (left > 0 && bytes * 1000 < LEAST_BYTES_PER_SECOND * stallMs)
        throw new EtlError("too-slow", `${name}: only ${bytes} bytes came in ${(waitedMs / 1000).toFixed(1)} s`);
      waitedMs = 0;
      bytes = 0;
    }
    asked = performance.now();
  }
}
