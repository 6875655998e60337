import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { EtlError, isFault } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";

/** Slices are compressed already, and become hardly smaller by gzip; a bomb becomes a thousand times larger. */
export const MAX_GZIP_GROWTH = 64;
/** Small files may grow more: a tar has blocks of zeros. */
const SMALL_BYTES = 64 << 10;

/**
 * The unpacked bytes of a gzip file (of several members too), as a source. Nothing is kept: a read goes on where the last
 * one ended, a read further back starts over. Reads take turns. Its length is not known: ranges end where the bytes do, or
 * with "bad-archive" where the bytes are MAX_GZIP_GROWTH times those of the file.
 */
export function gunzipped(source: ByteSource): ByteSource {
  const most = (source.byteLength + SMALL_BYTES) * MAX_GZIP_GROWTH;
  let stream: Stream | undefined;
  let turn: Promise<void> = Promise.resolve();
  return {
    name: source.name,
    byteLength: Number.POSITIVE_INFINITY,
    async close() {
      await stream?.close();
      stream = undefined;
    },
    async *read({ start, end }, options = {}) {
      const before = turn;
      let done = () => {};
      turn = new Promise((resolve) => {
        done = resolve;
      });
      await before;
      const { signal } = options;
      const abort = () => stream?.abort(signal?.reason);
      signal?.addEventListener("abort", abort);
      try {
        signal?.throwIfAborted();
        if (!stream || stream.position > start) {
          await stream?.close();
          stream = new Stream(source);
        }
        while (stream.position < end) {
          signal?.throwIfAborted();
          const chunk = await stream.next(stream.position < start ? start : end);
          if (!chunk) break;
          if (stream.position > most)
            throw new EtlError("bad-archive", `${source.name}: unpacks to more than ${MAX_GZIP_GROWTH} times its size`);
          if (stream.position > start) yield chunk;
        }
      } catch (error) {
        await stream?.close();
        stream = undefined;
        throw error;
      } finally {
        signal?.removeEventListener("abort", abort);
        done();
      }
    },
  };
}

class Stream {
  position = 0;
  private rest: Uint8Array | undefined;
  private readonly name: string;
  private readonly chunks: AsyncIterator<Uint8Array>;
  /** Its own: the stream outlives the read that it was made for, and that read's signal. */
  private readonly stop = new AbortController();
  constructor(source: ByteSource) {
    this.name = source.name;
    const { signal } = this.stop;
    const packed = Readable.from(source.read({ start: 0, end: source.byteLength }, { signal }), { objectMode: false });
    const unpacked = createGunzip();
    packed.on("error", (error) => unpacked.destroy(error));
    unpacked.on("close", () => packed.destroy());
    this.chunks = packed.pipe(unpacked)[Symbol.asyncIterator]();
  }

  /** The next bytes, none of them from `limit` on; undefined at the end. */
  async next(limit: number): Promise<Uint8Array | undefined> {
    try {
      this.rest ??= (await this.chunks.next()).value ?? undefined;
    } catch (error) {
      this.stop.signal.throwIfAborted();
      if (isFault(error)) throw error;
      throw new EtlError("bad-archive", `${this.name}: no whole gzip file: ${(error as Error).message}`, error);
    }
    const chunk = this.rest?.subarray(0, limit - this.position);
    if (!chunk || !this.rest) return undefined;
    this.rest = chunk.byteLength < this.rest.byteLength ? this.rest.subarray(chunk.byteLength) : undefined;
    this.position += chunk.byteLength;
    return chunk;
  }

  abort(reason: unknown): void {
    this.stop.abort(reason);
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}
