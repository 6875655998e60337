import { EtlError } from "../errors.ts";
import type { ByteRange } from "../model/byte-range.ts";

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Exact random access to immutable bytes. `read` yields exactly the bytes of the range, in order, in chunks of any
 * size, or throws an EtlError; it never yields fewer, more, or other bytes.
 */
export interface ByteSource {
  /** What errors call it: a path inside a repository or on disk. */
  readonly name: string;
  readonly byteLength: number;
  read(range: ByteRange, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Lets go of what is held between reads, where a source holds anything. */
  close?(): Promise<void>;
}

/** The whole range as one array. */
export async function readAll(source: ByteSource, range: ByteRange, options: ReadOptions = {}): Promise<Uint8Array> {
  const whole = new Uint8Array(range.end - range.start);
  let at = 0;
  for await (const chunk of source.read(range, options)) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** Throws "source-changed" for a range that goes beyond the end. */
export function checkWithin({ name, byteLength }: Pick<ByteSource, "name" | "byteLength">, { end }: ByteRange): void {
  if (end > byteLength)
    throw new EtlError("source-changed", `${name}: ends at byte ${byteLength}, ${end} expected; index it again`);
}
