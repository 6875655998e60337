import { setTimeout as delay } from "node:timers/promises";

/** The time, in ms since the epoch, and a way to wait; passed in, so that a test of long waits takes none. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};
