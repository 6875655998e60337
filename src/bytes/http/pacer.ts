import { EtlError } from "../../errors.ts";
import { type Clock, systemClock } from "../clock.ts";
import { RetryAfter, type RetryPolicy } from "../retrying.ts";
import { rateLimit, waitAskedMs } from "./partial.ts";
import type { Answer } from "./transport.ts";

/** What a server has said of one of its limits: requests that are left until the window ends. */
interface Window {
  remaining: number;
  untilMs: number;
  /** Requests and ms of a whole window; unknown until an answer tells. */
  readonly quota: number;
  readonly lengthMs: number;
}

/** Ends of one window, told in whole seconds by several answers, differ by less. */
const SAME_WINDOW_MS = 2000;

/**
 * Keeps a process's requests within the limits that servers tell in `RateLimit` headers: requests under way count too, so
 * that no request is sent to be refused. When nothing is left all wait for the next window.
 */
export class Pacer {
  private readonly windows = new Map<string, Window>();
  private readonly clock: Clock;
  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  /** Waits until a request to `url` may go out. Throws "rate-limited" where that is longer than the policy waits. */
  async turn(url: URL, { onWait, maxAskedMs }: RetryPolicy, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const window = this.windows.get(limitOf(url));
      if (!window) return;
      const waitMs = window.untilMs - this.clock.now();
      if (waitMs <= 0) this.renew(limitOf(url), window);
      else if (window.remaining > 0) {
        window.remaining -= 1;
        return;
      } else {
        const why = `the rate limit of ${url.host} is used up`;
        if (waitMs > maxAskedMs) throw new EtlError("rate-limited", why, new RetryAfter(waitMs));
        onWait?.(waitMs, why);
        await this.clock.sleep(waitMs, signal);
      }
    }
  }

  /** Learns from an answer. */
  learn(url: URL, { status, headers }: Pick<Answer, "status" | "headers">): void {
    const rate = rateLimit({ headers });
    const refused = status === 429;
    const waitMs = refused ? waitAskedMs({ headers }, this.clock.now()) : rate ? (rate.resetSeconds + 1) * 1000 : 0;
    if (waitMs === 0) return;
    const known = this.windows.get(limitOf(url));
    const untilMs = this.clock.now() + waitMs;
    const told = refused ? 0 : (rate?.remaining ?? 0);
    // Answers overtake each other: in one window the least counts.
    const isNew = !known || untilMs > known.untilMs + SAME_WINDOW_MS;
    this.windows.set(limitOf(url), {
      remaining: isNew ? told : Math.min(told, known.remaining),
      untilMs,
      quota: rate?.quota ?? known?.quota ?? Number.POSITIVE_INFINITY,
      lengthMs: rate?.windowMs ?? known?.lengthMs ?? 0,
    });
  }

  private renew(limit: string, { quota, lengthMs }: Window): void {
    if (lengthMs === 0 || quota === 0) this.windows.delete(limit);
    else this.windows.set(limit, { remaining: quota, untilMs: this.clock.now() + lengthMs, quota, lengthMs });
  }
}

/** The Hub counts its resolver, its API and its pages apart: see "Rate limits" in its documentation. */
function limitOf({ origin, pathname }: URL): string {
  const kind = pathname.includes("/resolve/") ? "resolvers" : pathname.includes("/api/") ? "api" : "pages";
  return `${origin} ${kind}`;
}
