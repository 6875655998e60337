export interface LinkOptions {
  /** Ms from a request to the first byte of its answer. */
  readonly latencyMs?: number;
  /** Bytes a second of one connection, and of all together. */
  readonly perConnection?: number;
  readonly cap?: number;
}

/** Bytes that pass at once: small enough that connections share the cap evenly. */
export const PIECE = 64 << 10;
/** What was left unused for so long may be made up for: timers wake late, by a millisecond or a few. */
const CREDIT_MS = 20;

/** A way that lets through so many bytes a second; one piece after the other, in the order in which they are offered. */
export class Pipe {
  private readonly bytesPerMs: number;
  private freeAtMs = 0;
  constructor(bytesPerSecond = Number.POSITIVE_INFINITY) {
    this.bytesPerMs = bytesPerSecond / 1000;
  }
  /** When a piece that is offered at `nowMs` has passed. */
  pass(bytes: number, nowMs: number): number {
    this.freeAtMs = Math.max(this.freeAtMs, nowMs - CREDIT_MS) + bytes / this.bytesPerMs;
    return this.freeAtMs;
  }
}

/**
 * A slow link between a server and its clients: a wait before each answer, and a rate for each connection and for all.
 * It holds up answers alone: requests' bodies, handshakes and TCP's slow start cost nothing.
 */
export class Link {
  readonly latencyMs: number;
  private readonly options: LinkOptions;
  private readonly shared: Pipe;
  private readonly own = new WeakMap<object, Pipe>();
  constructor(options: LinkOptions) {
    this.options = options;
    this.latencyMs = options.latencyMs ?? 0;
    this.shared = new Pipe(options.cap);
  }
  /** When a piece for a connection, offered at `nowMs`, has passed its own way and the one that all share. */
  pass(connection: object, bytes: number, nowMs: number): number {
    let own = this.own.get(connection);
    if (!own) this.own.set(connection, (own = new Pipe(this.options.perConnection)));
    return Math.max(own.pass(bytes, nowMs), this.shared.pass(bytes, nowMs));
  }
}

/** `--latency 80 --per-connection 50MB --cap 200MB`, as command lines have them. */
export const linkFlags = {
  latency: { type: "string" },
  "per-connection": { type: "string" },
  cap: { type: "string" },
} as const;

/** The link that flags describe, NaN in it where one cannot be read. */
export function linkOf(given: { readonly [name in keyof typeof linkFlags]?: string | undefined }): LinkOptions {
  const rate = (text: string) => {
    const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([kMG]?)B$/.exec(text) ?? [];
    return Number(number) * { "": 1, k: 1e3, M: 1e6, G: 1e9 }[unit]! || Number.NaN;
  };
  const { latency, "per-connection": perConnection, cap } = given;
  return {
    ...(latency !== undefined && { latencyMs: Number(latency) }),
    ...(perConnection !== undefined && { perConnection: rate(perConnection) }),
    ...(cap !== undefined && { cap: rate(cap) }),
  };
}
