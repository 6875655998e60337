import { setTimeout as sleep } from "node:timers/promises";
import { EtlError, isFault } from "../errors.ts";

export interface RetryPolicy {
  /** Attempts in a row that may fail without a byte of progress. */
  readonly attempts: number;
  /** First wait; it doubles with each failure, up to `maxWaitMs`, and is jittered by half. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** Told of each wait, so that a progress line can say that the run waits, and for how long. */
  readonly onWait?: (waitMs: number, why: string) => void;
}

/** 5 attempts and 0.5 s doubling up to 30 s is what the Hub's own Python client does, give or take a second. */
export const defaultRetryPolicy: RetryPolicy = { attempts: 5, firstWaitMs: 500, maxWaitMs: 30_000 };

/** How long a failed answer asks to be left alone, in ms; rides on the error as its cause. */
export class Later extends Error {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super(`try again in ${waitMs} ms`);
    this.waitMs = waitMs;
  }
}

/** Counts failures in a row and waits between them; `progress()` starts the count anew. */
export class Patience {
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
    if (this.failures >= this.policy.attempts)
      throw new EtlError(error.fault.kind, `${error.message} (gave up after ${this.failures} attempts)`, error);
    const waitMs = this.waitFor(error);
    if (waitMs >= 1000) this.policy.onWait?.(waitMs, error.message);
    await sleep(waitMs, undefined, signal ? { signal } : {});
  }
  private waitFor(error: EtlError): number {
    const { firstWaitMs, maxWaitMs } = this.policy;
    const backoff = Math.min(firstWaitMs * 2 ** (this.failures - 1), maxWaitMs);
    const asked = error.cause instanceof Later ? error.cause.waitMs : 0;
    return Math.max(asked, backoff * (0.5 + Math.random() / 2));
  }
}

/** Calls `attempt` until it succeeds, fails for good, or the policy's attempts are used up. */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy, signal?: AbortSignal): Promise<T> {
  const patience = new Patience(policy);
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      await patience.afterFailure(error, signal);
    }
  }
}
