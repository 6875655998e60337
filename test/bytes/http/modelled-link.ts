import { Link, type LinkOptions } from "../../../devkit/hub/link.ts";
import type { Connections } from "../../../src/bytes/http/connections.ts";

/** Coarse, so that minutes take no time. */
const PIECE = 500_000;

export interface Load {
  readonly link: LinkOptions;
  /** Bytes of the n-th read. */
  readonly bytes: (n: number) => number;
  /** Reads that the server serves at once; it refuses more. */
  readonly most?: number;
  /** Ms that a reader takes over a read before it asks for the next. */
  readonly thinkMs?: number;
}
interface Read {
  atMs: number;
  left: number;
  ended: ((failed: boolean) => void) | undefined;
}

/** A clock, readers that keep as many reads under way as `Connections` has it, and a link: all without a wait. */
export class ModelledLink {
  nowMs = 0;
  bytes = 0;
  refused = 0;
  /** May be exchanged for another on the way. */
  link: Link;
  private readonly load: Load;
  private readonly reads: Read[] = [];
  private made = 0;
  constructor(load: Load) {
    this.load = load;
    this.link = new Link(load.link);
  }

  /** Lets time pass until `untilMs`; gives the bytes a ms that came meanwhile. */
  run(connections: Connections, untilMs: number): number {
    const [from, before] = [this.nowMs, this.bytes];
    while (this.nowMs < untilMs) {
      while (this.reads.length < connections.limit) this.begin();
      const next = this.reads.reduce((a, b) => (b.atMs < a.atMs ? b : a));
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.step(next, connections);
    }
    return (this.bytes - before) / (this.nowMs - from);
  }

  private begin(): void {
    const { bytes, thinkMs = 0 } = this.load;
    this.reads.push({ atMs: this.nowMs + thinkMs, left: bytes(this.made++), ended: undefined });
  }

  private step(read: Read, connections: Connections): void {
    if (!read.ended) {
      read.ended = connections.begin();
      read.atMs = this.nowMs + this.link.latencyMs;
      const underWay = this.reads.filter(({ ended }) => ended).length;
      if (underWay > (this.load.most ?? Number.POSITIVE_INFINITY)) {
        this.refused += 1;
        read.ended(true);
        read.ended = undefined;
        // As a refused reader does: it comes back later.
        read.atMs += 500;
      }
      return;
    }
    const piece = Math.min(PIECE, read.left);
    if (piece > 0) {
      read.left -= piece;
      read.atMs = this.link.pass(read, piece, this.nowMs);
      this.bytes += piece;
      connections.received(piece);
    } else {
      read.ended(false);
      this.reads.splice(this.reads.indexOf(read), 1);
    }
  }
}
