/** Connections at the start: what the Hub's documentation and its clients take for granted. */
const START = 4;
/** More than 16 bring nothing to a store that gives one 50 MB/s; and as many share the bytes that are read ahead. */
const MOST = 16;
/** Throughput is measured over so long: several requests of each connection end in it. */
const MEASURE_MS = 500;
/** After a change, connections open and answers begin; that is not measured. */
const SETTLE_MS = 250;
/** Growth that brings less than this share more is taken back. */
const GAIN = 0.05;
/** Where growth brought nothing, or the server asked for less, it is tried again after so long. */
const HOLD_MS = 10_000;
/** Below this share of the connections in use, readers were slow and not the link: that says nothing of it. */
const IN_USE = 0.8;

/**
 * How many connections to read by: a fixed number, or as many as bring more bytes. It doubles while throughput grows,
 * goes back to what did as well with fewer, tries a few more now and then, and halves when the server refuses or resets.
 */
export class Connections {
  /** Reads that may be under way now. */
  limit: number;
  /** What `limit` never exceeds: sockets that may be needed. */
  readonly most: number;
  /** The most reads that were under way at once. */
  peak = 0;
  private readonly isFixed: boolean;
  private readonly now: () => number;
  private active = 0;
  /** The measurement under way: its start, bytes, and reads under way × ms. */
  private startMs: number;
  private lookedMs: number;
  private bytes = 0;
  private readMs = 0;
  /** What fewer connections brought, while more are tried. */
  private before: { readonly limit: number; readonly rate: number } | undefined;
  private cuts = 0;
  /** Whether it has met a limit: it doubles until then, and feels its way after. */
  private isCareful = false;
  private holdUntilMs = 0;

  constructor(fixed?: number, now: () => number = () => performance.now()) {
    this.isFixed = fixed !== undefined;
    this.limit = fixed ?? START;
    this.most = fixed ?? MOST;
    this.now = now;
    this.startMs = this.lookedMs = now();
  }

  /** A read begins. What is returned ends it, and says whether it was refused for being one too many, or broke. */
  begin(): (failed: boolean) => void {
    this.look();
    this.active += 1;
    this.peak = Math.max(this.peak, this.active);
    const { cuts } = this;
    return (failed) => {
      this.look();
      this.active -= 1;
      // Reads that were under way together fail together, and count once.
      if (failed && cuts === this.cuts) this.cut();
    };
  }

  /** Bytes have come. */
  received(bytes: number): void {
    this.look();
    const ms = this.lookedMs - this.startMs;
    if (ms >= 0) this.bytes += bytes;
    if (ms < MEASURE_MS) return;
    const rate = this.bytes / ms;
    const wasUsed = this.readMs >= IN_USE * ms * this.limit;
    this.measureFrom(this.lookedMs);
    if (wasUsed && !this.isFixed) this.judge(rate);
  }

  private cut(): void {
    if (this.isFixed) return;
    this.cuts += 1;
    this.hold();
    this.before = undefined;
    this.turnTo(Math.max(1, this.limit >> 1));
  }

  private judge(rate: number): void {
    const { before } = this;
    this.before = undefined;
    if (before && rate < before.rate * (1 + GAIN)) {
      this.hold();
      this.turnTo(before.limit);
    } else if (this.limit < MOST && this.lookedMs >= this.holdUntilMs) {
      this.before = { limit: this.limit, rate };
      const more = this.isCareful ? Math.ceil(this.limit / 4) : this.limit;
      this.turnTo(Math.min(MOST, this.limit + more));
    }
  }

  private hold(): void {
    this.isCareful = true;
    this.holdUntilMs = this.lookedMs + HOLD_MS;
  }

  private turnTo(limit: number): void {
    this.limit = limit;
    this.measureFrom(this.lookedMs + SETTLE_MS);
  }

  private measureFrom(ms: number): void {
    this.startMs = ms;
    this.bytes = 0;
    this.readMs = 0;
  }

  /** Counts the reads under way since the last look. */
  private look(): void {
    const now = this.now();
    this.readMs += this.active * Math.max(0, now - Math.max(this.lookedMs, this.startMs));
    this.lookedMs = now;
  }
}
