import { EtlError, isFault } from "../errors.ts";
import { type Clock, systemClock } from "./clock.ts";

export interface RetryPolicy {
  /** Attempts in a row that may fail without a byte of progress. */
  readonly attempts: number;
  /** First wait; it doubles with each failure, up to `maxWaitMs`, and is jittered by half. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** The longest wait that a server may ask for; what asks for more ends the run, which can be started again. */
  readonly maxAskedMs: number;
  readonly clock?: Clock;
  /** Told of each wait, so that a progress line can say that the run waits, and for how long. */
  readonly onWait?: (waitMs: number, why: string) => void;
}

/**
 * 5 attempts and 0.5 s doubling up to 30 s is what the Hub's own Python client does, give or take a second. An hour is the
 * longest of the Hub's windows (commits); others last 5 minutes.
 */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 5,
  firstWaitMs: 500,
  maxWaitMs: 30_000,
  maxAskedMs: 3_601_000,
};

/** How long a failed answer asks to be left alone, in ms; rides on the error as its cause. */
export class RetryAfter extends Error {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super(`try again in ${waitMs} ms`);
    this.waitMs = waitMs;
  }
}

/** Counts failures in a row and waits between them; `progress()` starts the count anew. */
export class Attempts {
  private failures = 0;
  private readonly policy: RetryPolicy;
  constructor(policy: RetryPolicy) {
    this.policy = policy;
  }
  progress(): void {
    this.failures = 0;
  }
  /** Waits before the next attempt, or throws `error` when it is not for retrying or the attempts are used up. */
  async afterFailure(error: unknown, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!isFault(error) || error.remedy !== "retry") throw error;
    this.failures += 1;
    const { attempts, maxAskedMs, onWait, clock = systemClock } = this.policy;
    if (this.failures >= attempts) throw gaveUp(error, `gave up after ${this.failures} attempts`);
    const waitMs = this.waitFor(error);
    if (waitMs > maxAskedMs) throw gaveUp(error, `asks to wait ${Math.ceil(waitMs / 60_000)} min; run again then`);
    if (waitMs >= 1000) onWait?.(waitMs, error.message);
    await clock.sleep(waitMs, signal);
  }
  private waitFor(error: EtlError): number {
    const { firstWaitMs, maxWaitMs } = this.policy;
    const backoff = Math.min(firstWaitMs * 2 ** (this.failures - 1), maxWaitMs);
    const asked = error.cause instanceof RetryAfter ? error.cause.waitMs : 0;
    return Math.max(asked, backoff * (0.5 + Math.random() / 2));
  }
}

function gaveUp(error: EtlError, why: string): EtlError {
  return new EtlError(error.fault.kind, `${error.message} (${why})`, error);
}

/** Calls `attempt` until it succeeds, fails for good, or the policy's attempts are used up. */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy, signal?: AbortSignal): Promise<T> {
  const attempts = new Attempts(policy);
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      await attempts.afterFailure(error, signal);
    }
  }
}
