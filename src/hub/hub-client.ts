import type { Dispatcher } from "undici";
import { networkFault } from "../bytes/http/network-fault.ts";
import { paced } from "../bytes/http/paced.ts";
import { firstWords } from "../bytes/http/partial.ts";
import { redirectTarget } from "../bytes/http/redirect.ts";
import type { Answer, Request, Transport } from "../bytes/http/transport.ts";
import { undici } from "../bytes/http/undici.ts";
import { type RetryPolicy, withRetries } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";
import { hubFault } from "./hub-fault.ts";

export interface HubOptions {
  readonly endpoint: URL;
  readonly token?: string | undefined;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
}

/** A page of 1,000 files has some 300 KB, and nothing else that the Hub's API answers is larger. */
export const MAX_ANSWER_BYTES = 64 << 20;

/** Hops from an address of the Hub's to what is meant; it takes one or two. */
export const MAX_HOPS = 4;

/** The Hub works on a commit for up to 60 s before it gives up, in silence: twice what is a stall, and a bit. */
const POST_STALLS = 3;

/** Requests to one Hub: the token goes to the endpoint's origin alone, rate limits are waited out, faults have names. */
export class HubClient {
  readonly options: HubOptions;

  constructor(options: HubOptions) {
    this.options = options;
  }

  /** A URL below the endpoint. */
  url(path: string): URL {
    return new URL(path.replace(/^\//, ""), this.options.endpoint);
  }

  /** One request to the Hub; neither retried nor redirected. Any status below 400 is returned. */
  async request(url: URL, what: string, request: Request = {}): Promise<Answer> {
    const { transport, retry, token } = this.options;
    await transport.pacer.turn(url, retry, request.signal);
    const headers = { ...request.headers, ...this.authorization(url) };
    const answer = await transport.request(url, { ...request, headers });
    if (answer.status < 400) return answer;
    throw hubFault(answer.status, answer.headers, await firstWords(answer.body), what, token);
  }

  async json<T>(path: string, what: string, signal?: AbortSignal): Promise<T> {
    const url = this.url(path);
    const attempt = async () => {
      const response = await this.whole(url, { headers: this.authorization(url), signal: signal ?? null }, what);
      return parsed<T>(await response.text(), what);
    };
    return withRetries(attempt, this.options.retry, signal);
  }

  /**
   * A `fetch` for the Hub's client library: our dispatcher, retries, pacing and faults; without the token elsewhere. The
   * body is there when it returns, so that one that breaks or is not what it says is asked for again.
   */
  readonly fetch: typeof globalThis.fetch = (input, init) =>
    withRetries(() => this.whole(addressOf(input), init), this.options.retry, init?.signal ?? undefined);

  /** As `fetch`, but one attempt: for what must not be sent twice unseen, or is retried by its caller. */
  readonly fetchOnce: typeof globalThis.fetch = (input, init) => this.follow(addressOf(input), init);

  /** One attempt too, its body there and whole. */
  readonly fetchWholeOnce: typeof globalThis.fetch = (input, init) => this.whole(addressOf(input), init);

  /** As `fetch`, but an answer of this status is one too. */
  answer(url: URL, init: RequestInit, status: number): Promise<Response> {
    const attempt = () => this.whole(url, init, url.pathname, status);
    return withRetries(attempt, this.options.retry, init.signal ?? undefined);
  }

  private async follow(from: URL, init: RequestInit = {}, what = from.pathname, status = 0): Promise<Response> {
    const mayFollow = (init.method ?? "GET") === "GET";
    let url = from;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const redirect = mayFollow ? "manual" : (init.redirect ?? "follow");
      const got = await this.send(url, { ...init, redirect }, what, status);
      const location = got.headers.get("location");
      if (!mayFollow || got.status < 300 || location === null) return got;
      await got.body?.cancel();
      url = redirectTarget(location, url, what);
    }
    throw new EtlError("server-error", `${what}: ${url.host} redirects in a circle`);
  }

  private async whole(url: URL, init: RequestInit = {}, name = url.pathname, expected = 0): Promise<Response> {
    const got = await this.follow(url, init, name, expected);
    const parts: Uint8Array[] = [];
    let size = 0;
    try {
      const body = (got.body ?? []) as AsyncIterable<Uint8Array>;
      for await (const part of paced(body, this.options.transport.stallMs, name)) {
        if ((size += part.byteLength) > MAX_ANSWER_BYTES)
          throw new EtlError(
            "limit-exceeded",
            `${name}: more than ${MAX_ANSWER_BYTES} bytes came from ${url.origin}; is it a Hub?`,
          );
        parts.push(part);
      }
    } catch (error) {
      throw networkFault(error, url, init.signal ?? undefined);
    }
    const body = Buffer.concat(parts);
    const type = got.headers.get("content-type") ?? "";
    if (type.includes("json")) parsed(body.toString("utf8"), name);
    // A portal or a proxy that puts its own page in place of the answer.
    if (type.includes("html"))
      throw new EtlError("server-error", `${name}: answered with a web page instead; is ${url.origin} a Hub?`);
    const { status, statusText, headers } = got;
    return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers });
  }

  private async send(url: URL, init: RequestInit, what: string, expected: number): Promise<Response> {
    const { transport, retry, token, endpoint } = this.options;
    const signal = init.signal ?? undefined;
    await transport.pacer.turn(url, retry, signal);
    transport.traffic.requests += 1;
    const headers = new Headers(init.headers);
    // A store may have a token of its own.
    if (url.origin !== endpoint.origin && headers.get("authorization") === `Bearer ${token}`)
      headers.delete("authorization");
    const dispatcher = patient(transport.dispatcher(url), init.method === "POST" ? POST_STALLS : 1, transport.stallMs);
    const sent = { ...init, headers, dispatcher };
    // undici's fetch and Node's own agree in all but the private brands of their types.
    const got = (await undici()
      .fetch(url, sent as never)
      .catch((error) => {
        throw networkFault(error, url, signal);
      })) as unknown as Response;
    const received = Object.fromEntries(got.headers);
    transport.pacer.learn(url, { status: got.status, headers: received });
    if (got.status < 400 || got.status === expected) return got;
    const text = await firstWords(got.body as AsyncIterable<Uint8Array> | null);
    // A store's 403 is about its signed link, never about the user.
    if (url.origin !== endpoint.origin && (got.status === 403 || got.status === 401))
      throw new EtlError("link-expired", `${url.host}: HTTP ${got.status} ${text}`);
    throw hubFault(got.status, received, text, what, token);
  }

  private authorization(url: URL): Record<string, string> {
    const { token, endpoint } = this.options;
    return token !== undefined && url.origin === endpoint.origin ? { authorization: `Bearer ${token}` } : {};
  }
}

/** Waits for an answer as long as so many stalls. */
function patient(dispatcher: Dispatcher, stalls: number, stallMs: number): Dispatcher {
  if (stalls === 1) return dispatcher;
  const headersTimeout = stalls * stallMs;
  return dispatcher.compose((dispatch) => (request, handler) => dispatch({ ...request, headersTimeout }, handler));
}

function addressOf(input: string | URL | globalThis.Request): URL {
  return new URL(input instanceof globalThis.Request ? input.url : input);
}

function parsed<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new EtlError("server-error", `${what}: the answer is not a complete JSON document`, error);
  }
}
