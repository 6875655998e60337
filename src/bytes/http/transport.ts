import { on } from "node:events";
import type { Readable } from "node:stream";
import type { Dispatcher, EnvHttpProxyAgent } from "undici";
import type { Clock } from "../clock.ts";
import { Connections } from "./connections.ts";
import { checkProxies, networkFault } from "./network-fault.ts";
import { Pacer } from "./pacer.ts";
import { undici } from "./undici.ts";

interface TransportOptions {
  /** Sockets to one origin; without it, as many as bring more bytes. */
  readonly connections?: number | undefined;
  /** Silence after which a read is given up: no header, or no further byte of the body, for so long. */
  readonly stallMs?: number | undefined;
  readonly clock?: Clock;
}
/** 30 s is longer than any pause of a healthy link, and short enough that a dead one is replaced soon. */
const STALL_MS = 30_000;

/** Of a body, held for a slow reader. With undici's 64 KiB, one read of the socket, it stops and starts at every chunk. */
const BODY_BYTES = 256 << 10;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Dispatcher.ResponseData["body"];
}
export interface Request {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Of as many bytes as `content-length` in the headers tells. */
  readonly body?: Readable;
  readonly signal?: AbortSignal | undefined;
}
/** What went over the wire, for the summary and for tests. */
export interface Traffic {
  requests: number;
  bytes: number;
}

/** Chunks taken from a body that wait for its reader, besides what the body holds itself. */
const CHUNKS_AHEAD = 1;

/**
 * A body's chunks as they came: the stream's own iterator would join all that wait, a copy. Ends early where the body does
 * without an error; a reader that leaves has to destroy the body.
 */
export async function* bodyChunks({ body }: Answer): AsyncGenerator<Uint8Array> {
  // It may have broken before anybody listened.
  if (body.errored) throw body.errored;
  if (body.destroyed) return;
  const bounds = { close: ["end", "close"], highWaterMark: CHUNKS_AHEAD, lowWaterMark: 1 };
  for await (const [chunk] of on(body, "data", bounds)) yield chunk as Uint8Array;
}

/** HTTP to any origin, never following a redirect: one pool of sockets an origin, through the proxy of the environment. */
export class Transport {
  readonly traffic: Traffic = { requests: 0, bytes: 0 };
  readonly stallMs: number;
  readonly connections: Connections;
  /** One for all requests: whoever makes one asks for its turn first. */
  readonly pacer: Pacer;
  private readonly pools = new Map<string, Dispatcher>();
  private proxy: EnvHttpProxyAgent | undefined;

  constructor({ connections, stallMs = STALL_MS, clock }: TransportOptions = {}) {
    this.stallMs = stallMs;
    this.connections = new Connections(connections);
    this.pacer = new Pacer(clock);
  }

  async request(url: URL, { method = "GET", headers = {}, body: sent, signal }: Request = {}): Promise<Answer> {
    this.traffic.requests += 1;
    try {
      const {
        statusCode,
        headers: received,
        body,
      } = await this.dispatcher(url).request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        highWaterMark: BODY_BYTES,
        // Compressed bodies would make byte ranges meaningless.
        headers: { "accept-encoding": "identity", "user-agent": "voxshard", ...headers },
        ...(sent && { body: sent }),
        ...(signal ? { signal } : {}),
      });
      // A body that nobody reads to its end is destroyed, which must not count as an unhandled error.
      body.on("error", () => {});
      this.pacer.learn(url, { status: statusCode, headers: received });
      return { status: statusCode, headers: received, body };
    } catch (error) {
      throw networkFault(error, url, signal);
    }
  }

  /** The dispatcher of an origin, for `fetch` calls of client libraries. */
  dispatcher(url: URL): Dispatcher {
    if (proxied()) return (this.proxy ??= this.proxyAgent());
    let pool = this.pools.get(url.origin);
    if (!pool) this.pools.set(url.origin, (pool = new (undici().Pool)(url.origin, this.settings())));
    return pool;
  }

  private proxyAgent(): EnvHttpProxyAgent {
    checkProxies(process.env);
    const { stallMs } = this;
    const { EnvHttpProxyAgent, Pool } = undici();
    // Without it, a proxy that does not answer is waited for 5 minutes.
    const clientFactory = (origin: URL, options: object) => new Pool(origin, { ...options, headersTimeout: stallMs });
    return new EnvHttpProxyAgent({ ...this.settings(), clientFactory });
  }

  private settings() {
    const { connections, stallMs } = this;
    return {
      connections: connections.most,
      pipelining: 1,
      allowH2: false,
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
      connect: { timeout: Math.min(stallMs, 10_000) },
    };
  }

  async close(): Promise<void> {
    const open = [...this.pools.values(), ...(this.proxy ? [this.proxy] : [])];
    this.pools.clear();
    this.proxy = undefined;
    await Promise.all(open.map((pool) => pool.destroy()));
  }
}

function proxied(): boolean {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
  return Boolean(HTTPS_PROXY || https_proxy || HTTP_PROXY || http_proxy);
}
