import { networkFault } from "../bytes/http/network-fault.ts";
import { paced } from "../bytes/http/paced.ts";
import { firstWords, waitAskedMs } from "../bytes/http/partial.ts";
import type { Answer, Transport } from "../bytes/http/transport.ts";
import { bodyChunks } from "../bytes/http/transport.ts";
import { RetryAfter, type RetryPolicy, withRetries } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";

export interface ModelScopeOptions {
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
}

/** A page of 200 files has some 100 KB. */
const MAX_MODELSCOPE_BYTES = 16 << 20;

/** Requests to ModelScope's API: the token goes to the endpoint's origin alone, faults have names. */
export class ModelScopeClient {
  readonly options: ModelScopeOptions;

  constructor(options: ModelScopeOptions) {
    this.options = options;
  }

  /** A URL of the API, with its query. */
  url(path: string, query: Readonly<Record<string, string>>): URL {
    return new URL(`api/v1/${path}?${new URLSearchParams(query)}`, this.options.endpoint);
  }

  /** One request; neither retried nor redirected. Any status below 400 is returned. */
  async request(url: URL, what: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal) {
    const { transport, retry } = this.options;
    await transport.pacer.turn(url, retry, signal);
    const answer = await transport.request(url, { headers: { ...headers, ...this.authorization(url) }, signal });
    if (answer.status < 400) return answer;
    throw this.fault(answer, await firstWords(answer.body), what);
  }

  /** What the API answers as JSON. */
  json(url: URL, what: string, signal?: AbortSignal): Promise<unknown> {
    const attempt = async () => {
      const answer = await this.request(url, what, { accept: "application/json" }, signal);
      const text = await this.textOf(answer, url, what, signal);
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new EtlError("server-error", `${what}: the answer is no JSON; is ${url.origin} ModelScope?`, error);
      }
    };
    return withRetries(attempt, this.options.retry, signal);
  }

  /** Older parts of the API know a user by the cookie, newer ones by the header. */
  authorization(url: URL): Record<string, string> {
    const { token, endpoint } = this.options;
    if (token === undefined || url.origin !== endpoint.origin) return {};
    return { authorization: `Bearer ${token}`, cookie: `m_session_id=${token}` };
  }

  private async textOf(answer: Answer, url: URL, what: string, signal: AbortSignal | undefined): Promise<string> {
    const parts: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of paced(bodyChunks(answer), this.options.transport.stallMs, what)) {
        if ((size += chunk.byteLength) > MAX_MODELSCOPE_BYTES)
          throw new EtlError(
            "limit-exceeded",
            `${what}: more than ${MAX_MODELSCOPE_BYTES} bytes came from ${url.origin}`,
          );
        parts.push(chunk);
      }
    } catch (error) {
      throw networkFault(error, url, signal);
    } finally {
      if (!answer.body.destroyed) answer.body.destroy();
    }
    return Buffer.concat(parts).toString("utf8");
  }

  private fault({ status, headers }: Answer, text: string, what: string): EtlError {
    const { token } = this.options;
    const words = `${what}: HTTP ${status} ${text}`.replace(/\s+/g, " ").trim();
    const detail = token === undefined ? words : words.replaceAll(token, "…");
    if (status === 429) return new EtlError("rate-limited", detail, new RetryAfter(waitAskedMs({ headers })));
    if (status === 408 || status >= 500)
      return new EtlError("server-error", detail, new RetryAfter(waitAskedMs({ headers })));
    if (status === 401 || status === 403)
      return new EtlError("not-allowed", `${detail}; set MODELSCOPE_API_TOKEN to one that may read it`);
    const own = token === undefined ? ": set MODELSCOPE_API_TOKEN if it is yours" : " to others";
    return new EtlError("source-not-found", `${what}: not found on ModelScope, or private${own} (HTTP ${status})`);
  }
}
