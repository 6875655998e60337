import { EtlError, isFault } from "../../errors.ts";
import type { ByteRange } from "../../model/byte-range.ts";
import { type ByteSource, checkWithin, type ReadOptions } from "../byte-source.ts";
import { Attempts, type RetryPolicy } from "../retrying.ts";
import { networkFault } from "./network-fault.ts";
import { paced } from "./paced.ts";
import { checkPartial, statusFault } from "./partial.ts";
import { redirectTarget } from "./redirect.ts";
import { type Answer, bodyChunks, type Transport } from "./transport.ts";

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
/** Redirects behind a link that are followed. */
const MAX_HOPS = 3;
/** What may come of too many connections; other faults would have come to one alone as well. */
const CROWDED = ["rate-limited", "server-error", "network", "too-slow"] as const;

/**
 * A remote file, read by ranges of one signed link. Every answer must be a 206 with the range and total asked for, or its beginning;
 * a body that breaks is resumed at the first missing byte. Many reads may run at once and share the link.
 */
export function httpSource(options: HttpSource): ByteSource {
  const links = linkKeeper(options.resolve);
  // By origin: another host may tag the same file otherwise.
  const etags = new Map<string, string>();
  const keepEtag = ({ origin }: URL, found: string | undefined) => {
    if (found === undefined || found.startsWith("W/")) return;
    if ((etags.get(origin) ?? found) !== found)
      throw new EtlError("source-changed", `${options.name}: changed on the server during the run; start again`);
    etags.set(origin, found);
  };
  return {
    name: options.name,
    byteLength: options.byteLength,
    async *read(range: ByteRange, { signal }: ReadOptions = {}) {
      signal?.throwIfAborted();
      checkWithin(options, range);
      const attempts = new Attempts(options.retry);
      let position = range.start;
      let [fruitless, slow] = [0, 0];
      while (position < range.end) {
        signal?.throwIfAborted();
        const link = await links.get(signal);
        try {
          const missing = { start: position, end: range.end };
          for await (const chunk of body(options, link, missing, keepEtag, signal)) {
            position += chunk.byteLength;
            attempts.progress();
            fruitless = 0;
            yield chunk;
          }
        } catch (error) {
          if (isFault(error, "link-expired")) {
            links.drop(link);
            if (++fruitless > FRUITLESS_LINKS)
              throw new EtlError("not-allowed", `${error.message}; new links are refused too`, error);
            continue;
          }
          // What answers there may not be the file at all.
          if (isFault(error, "wrong-range")) links.drop(link);
          // Drops are progress too; so these are counted apart.
          if (isFault(error, "too-slow") && ++slow >= options.retry.attempts) throw error;
          await attempts.afterFailure(error, signal);
        }
      }
    },
  };
}

async function* body(
  { name, byteLength, transport, retry }: HttpSource,
  link: Link,
  range: ByteRange,
  keepEtag: (url: URL, etag: string | undefined) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const headers = { ...link.headers, range: `bytes=${range.start}-${range.end - 1}` };
  await transport.pacer.turn(link.url, retry, signal);
  const ended = transport.connections.begin();
  let [answer, fault]: [Answer | undefined, unknown] = [undefined, undefined];
  try {
    answer = await followed(transport, link.url, { headers, signal }, name);
    if (answer.status !== 206) throw await statusFault(answer, name);
    let left = checkPartial(answer, range, byteLength, name);
    keepEtag(link.url, answer.headers["etag"] as string | undefined);
    for await (const chunk of paced(bodyChunks(answer), transport.stallMs, name, left)) {
      transport.traffic.bytes += chunk.byteLength;
      transport.connections.received(chunk.byteLength);
      if (chunk.byteLength > left) throw new EtlError("wrong-range", `${name}: more bytes came than were asked for`);
      left -= chunk.byteLength;
      yield chunk;
    }
    if (left > 0) throw new EtlError("short-read", `${name}: the answer ended ${left} bytes early`);
  } catch (error) {
    fault = networkFault(error, link.url, signal);
    throw fault;
  } finally {
    ended(isFault(fault, ...CROWDED));
    if (answer && !answer.body.destroyed) answer.body.destroy();
  }
}

/** A signed link may lead on once more; what tells who asks stays with the first origin. */
async function followed(
  transport: Transport,
  from: URL,
  request: { readonly headers: Record<string, string>; readonly signal: AbortSignal | undefined },
  name: string,
): Promise<Answer> {
  let [url, headers] = [from, request.headers];
  for (let hop = 0; ; hop++) {
    const answer = await transport.request(url, { headers, ...(request.signal && { signal: request.signal }) });
    const { location } = answer.headers;
    if (answer.status < 301 || answer.status > 308 || location === undefined || hop === MAX_HOPS) return answer;
    answer.body.destroy();
    url = redirectTarget(location, url, name);
    if (url.origin !== from.origin)
      headers = Object.fromEntries(Object.entries(headers).filter(([key]) => key === "range"));
  }
}

/** Hands out one link to all readers and makes the next one once, however many readers meet the expiry. */
function linkKeeper(resolve: (signal?: AbortSignal) => Promise<Link>) {
  let making: { readonly link: Promise<Link>; readonly by: AbortSignal | undefined } | undefined;
  let settled: Link | undefined;
  const drop = (link: Link) => {
    if (settled === link) making = settled = undefined;
  };
  const make = async (by: AbortSignal | undefined) => {
    try {
      settled = await resolve(by);
      return settled;
    } catch (error) {
      making = undefined;
      throw error;
    }
  };
  return {
    drop,
    async get(signal: AbortSignal | undefined): Promise<Link> {
      for (;;) {
        if (settled && settled.useUntilMs < Date.now()) drop(settled);
        making ??= { link: make(signal), by: signal };
        const { link, by } = making;
        try {
          return await link;
        } catch (error) {
          // The reader that asked for it has left; those who wait with it have not.
          if (!by?.aborted || signal?.aborted) throw error;
        }
      }
    },
  };
}
