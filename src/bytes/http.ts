import { EtlError, isFault } from "../errors.ts";
import type { ByteRange } from "../model/byte-range.ts";
import type { ByteSource, ReadOptions } from "./byte-source.ts";
import { checkPartial, statusFault } from "./partial.ts";
import { Patience, type RetryPolicy } from "./retrying.ts";
import { networkFault, type Transport } from "./transport.ts";

/** A signed URL and until when to use it (ms since the epoch; Infinity where nothing is said). */
export interface Link {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly useUntilMs: number;
}
export interface HttpSource {
  readonly name: string;
  readonly byteLength: number;
  /** Makes a new link; called once, and again only after the last one has expired. */
  readonly resolve: (signal?: AbortSignal) => Promise<Link>;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
}

/** New links that may be asked for without a byte of progress: a 403 is not always an expired link. */
const FRUITLESS_LINKS = 2;

/**
 * A remote file, read by ranges of one signed link. Every answer must be a 206 with the range and total asked for;
 * a body that breaks is resumed at the first missing byte. Many reads may run at once and share the link.
 */
export function httpSource(options: HttpSource): ByteSource {
  const links = linkKeeper(options.resolve);
  let etag: string | undefined;
  const keepEtag = (found: string | undefined) => {
    if (found === undefined || found.startsWith("W/")) return;
    if (etag !== undefined && etag !== found)
      throw new EtlError("source-changed", `${options.name}: changed on the server during the run; start again`);
    etag = found;
  };
  return {
    name: options.name,
    byteLength: options.byteLength,
    async *read(range: ByteRange, { signal }: ReadOptions = {}) {
      const patience = new Patience(options.retry);
      let position = range.start;
      let fruitless = 0;
      while (position < range.end) {
        signal?.throwIfAborted();
        const link = await links.get(signal);
        try {
          for await (const chunk of body(options, link, { start: position, end: range.end }, keepEtag, signal)) {
            position += chunk.byteLength;
            patience.progress();
            fruitless = 0;
            yield chunk;
          }
        } catch (error) {
          if (isFault(error, "link-expired")) {
            links.drop(link);
            if (++fruitless > FRUITLESS_LINKS) throw new EtlError("not-allowed", error.message, error);
          } else await patience.afterFailure(error, signal);
        }
      }
    },
  };
}

async function* body(
  { name, byteLength, transport }: HttpSource,
  link: Link,
  range: ByteRange,
  keepEtag: (etag: string | undefined) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const headers = { ...link.headers, range: `bytes=${range.start}-${range.end - 1}` };
  const answer = await transport.request(link.url, { headers, signal });
  try {
    if (answer.status !== 206) throw await statusFault(answer, name);
    checkPartial(answer, range, byteLength, name);
    keepEtag(answer.headers["etag"] as string | undefined);
    let left = range.end - range.start;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      transport.traffic.bytes += chunk.byteLength;
      if (chunk.byteLength > left) throw new EtlError("wrong-range", `${name}: more bytes came than were asked for`);
      left -= chunk.byteLength;
      yield chunk;
    }
    if (left > 0) throw new EtlError("short-read", `${name}: the answer ended ${left} bytes early`);
  } catch (error) {
    throw networkFault(error, link.url, signal);
  } finally {
    if (!answer.body.destroyed) answer.body.destroy();
  }
}

/** Hands out one link to all readers and makes the next one once, however many readers meet the expiry. */
function linkKeeper(resolve: (signal?: AbortSignal) => Promise<Link>) {
  let current: Promise<Link> | undefined;
  let settled: Link | undefined;
  return {
    async get(signal: AbortSignal | undefined): Promise<Link> {
      if (settled && settled.useUntilMs < Date.now()) this.drop(settled);
      current ??= resolve(signal).then(
        (link) => (settled = link),
        (error) => {
          current = undefined;
          throw error;
        },
      );
      return current;
    },
    drop(link: Link): void {
      if (settled !== link) return;
      current = undefined;
      settled = undefined;
    },
  };
}
