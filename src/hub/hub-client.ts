import { setTimeout as sleep } from "node:timers/promises";
import { fetch as undiciFetch } from "undici";
import { rateLimit, waitAskedMs } from "../bytes/partial.ts";
import { Later, type RetryPolicy, withRetries } from "../bytes/retrying.ts";
import { type Answer, networkFault, type Request, type Transport } from "../bytes/transport.ts";
import { EtlError } from "../errors.ts";

export interface HubOptions {
  readonly endpoint: URL;
  readonly token?: string | undefined;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
}

/** Requests to one Hub: the token goes to the endpoint's origin alone, rate limits are waited out, faults have names. */
export class HubClient {
  readonly options: HubOptions;
  private pausedUntilMs = 0;

  constructor(options: HubOptions) {
    this.options = options;
  }

  /** A URL below the endpoint. */
  url(path: string): URL {
    return new URL(path.replace(/^\//, ""), this.options.endpoint);
  }

  /** One request to the Hub, with retries; redirects are not followed. Any status below 400 is returned. */
  async request(url: URL, what: string, request: Request = {}): Promise<Answer> {
    return withRetries(
      async () => {
        await this.pause(request.signal);
        const headers = { ...request.headers, ...this.authorization(url) };
        const answer = await this.options.transport.request(url, { ...request, headers });
        this.heed(answer.headers);
        if (answer.status < 400) return answer;
        const text = await answer.body.text().catch(() => "");
        throw hubFault(answer.status, answer.headers, text, what, this.options.token !== undefined);
      },
      this.options.retry,
      request.signal,
    );
  }

  async json<T>(path: string, what: string, signal?: AbortSignal): Promise<T> {
    const answer = await this.request(this.url(path), what, { signal });
    try {
      return JSON.parse(await answer.body.text()) as T;
    } catch (error) {
      throw new EtlError(
        "server-error",
        `${what}: the answer is not JSON; is ${this.options.endpoint.origin} a Hub?`,
        error,
      );
    }
  }

  /** A `fetch` for the Hub's client library: our dispatcher, retries, pacing and faults; without the token elsewhere. */
  readonly fetch: typeof globalThis.fetch = (input, init) =>
    withRetries(() => this.fetchOnce(input, init), this.options.retry, init?.signal ?? undefined);

  /** As `fetch`, but one attempt: for what must not be sent twice unseen, or is retried by its caller. */
  readonly fetchOnce: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof globalThis.Request ? input.url : input);
    const { transport, token, endpoint } = this.options;
    const signal = init?.signal ?? undefined;
    await this.pause(signal);
    transport.traffic.requests += 1;
    const headers = new Headers(init?.headers);
    if (url.origin !== endpoint.origin) headers.delete("authorization");
    const sent = { ...init, headers, dispatcher: transport.dispatcher(url) };
    // undici's fetch and Node's own agree in all but the private brands of their types.
    const got = (await undiciFetch(url, sent as never).catch((error) => {
      throw networkFault(error, url, signal);
    })) as unknown as Response;
    const received = Object.fromEntries(got.headers);
    this.heed(received);
    if (got.status < 400) return got;
    const text = await got.text().catch(() => "");
    // A store's 403 is about its signed link, never about the user.
    if (url.origin !== endpoint.origin && (got.status === 403 || got.status === 401))
      throw new EtlError("link-expired", `${url.host}: HTTP ${got.status} ${text.slice(0, 200).replace(/\s+/g, " ")}`);
    throw hubFault(got.status, received, text, url.pathname, token !== undefined);
  };

  private authorization(url: URL): Record<string, string> {
    const { token, endpoint } = this.options;
    return token !== undefined && url.origin === endpoint.origin ? { authorization: `Bearer ${token}` } : {};
  }

  /** The window is shared by all of a user's workers: when nothing is left in it, everyone waits for the next. */
  private heed(headers: Answer["headers"]): void {
    const rate = rateLimit({ headers });
    if (rate?.remaining === 0) this.pausedUntilMs = Date.now() + (rate.resetSeconds + 1) * 1000;
  }

  private async pause(signal: AbortSignal | undefined): Promise<void> {
    const waitMs = this.pausedUntilMs - Date.now();
    if (waitMs <= 0) return;
    this.options.retry.onWait?.(waitMs, "the Hub's rate limit is used up");
    await sleep(waitMs, undefined, signal ? { signal } : {});
  }
}

/** What an answer of the Hub's above 399 means, told from its status and `X-Error-Code`. */
function hubFault(status: number, headers: Answer["headers"], text: string, what: string, signedIn: boolean): EtlError {
  const code = String(headers["x-error-code"] ?? "");
  const message = String(headers["x-error-message"] ?? "") || text.slice(0, 200).replace(/\s+/g, " ");
  const detail = `${what}: HTTP ${status} ${code} ${message}`.replace(/\s+/g, " ").trim();
  if (/disabled/i.test(message) && status === 403)
    return new EtlError(
      "disabled",
      `${what}: the Hub has disabled this repository; use a mirror (--endpoint) or a local copy`,
    );
  if (code === "GatedRepo")
    return new EtlError("not-allowed", `${what}: gated; accept its terms on the Hub and set HF_TOKEN`);
  if (code === "RevisionNotFound" || code === "EntryNotFound") return new EtlError("source-not-found", detail);
  if (code === "RepoNotFound" || status === 404 || status === 401)
    return signedIn && status === 401 && code !== "RepoNotFound"
      ? new EtlError("not-allowed", `${detail}; check HF_TOKEN`)
      : new EtlError(
          "source-not-found",
          `${what}: not found, or private${signedIn ? " to others" : ": set HF_TOKEN if it is yours"}`,
        );
  if (status === 409 || status === 412) return new EtlError("commit-raced", detail);
  if (status === 403) return new EtlError("not-allowed", detail);
  if (status === 429) return new EtlError("rate-limited", detail, new Later(waitAskedMs({ headers })));
  if (status === 408 || status >= 500) return new EtlError("server-error", detail, new Later(waitAskedMs({ headers })));
  return new EtlError("source-not-found", detail);
}
