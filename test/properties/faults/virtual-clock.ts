import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../../src/bytes/clock.ts";

/** A clock on which waits take no time, and which keeps them: minutes of a rate limit pass in a test's millisecond. */
export class VirtualClock implements Clock {
  readonly waits: number[] = [];
  /** Time stands still while this is so: else it would pass in leaps while requests are under way. */
  busy: () => boolean = () => false;
  private ms = Date.UTC(2026, 0, 1);

  now(): number {
    return this.ms;
  }

  /** Lets time go by. */
  pass(ms: number): void {
    this.ms += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    const until = this.ms + ms;
    do await setImmediate();
    while (this.busy());
    signal?.throwIfAborted();
    this.ms = Math.max(this.ms, until);
  }
}
