import { EtlError } from "../errors.ts";
import { type Address, type Kernels, newKernels } from "./kernels.ts";

export interface ArenaLimits {
  /** What is kept beyond this lies outside, and is copied in when it is needed. */
  readonly mostKeptBytes: number;
  /** A memory that has grown beyond this is given up after its series. */
  readonly ordinaryBytes: number;
}
/** 2,000 slices of 512 × 512 are kept inside; the memory of 400 stays for the next series. */
const DEFAULTS: ArenaLimits = { mostKeptBytes: 512 << 20, ordinaryBytes: 128 << 20 };
/** Vectors have 16 bytes. Each allocation starts on such a border, with as many readable bytes behind its end. */
const VECTOR = 16;
const PAGE_BYTES = 65536;
/** Grown in steps: a new size makes every view of the memory useless. */
const STEP_BYTES = 8 << 20;

/** Bytes that may lie in the arena. `bytes` is a view for now: allocating may move the memory, so never keep it. */
export interface Block {
  readonly bytes: Uint8Array;
}

/** The memory that the kernels work in, used again from series to series. One task at a time. */
export class Arena {
  readonly #limits: ArenaLimits;
  #kernels = newKernels();
  #top = this.#base();

  constructor(limits: Partial<ArenaLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  get call(): Kernels {
    return this.#kernels;
  }

  /** The address of `byteLength` bytes, with whatever was there before. */
  alloc(byteLength: number): Address {
    const at = this.#top;
    const top = at + byteLength + VECTOR;
    this.#top = top + ((VECTOR - (top % VECTOR)) % VECTOR);
    const { memory } = this.#kernels;
    const missing = this.#top - memory.buffer.byteLength;
    if (missing > 0) {
      const step = Math.max(missing, Math.min(STEP_BYTES, 65536 * PAGE_BYTES - memory.buffer.byteLength));
      try {
        memory.grow(Math.ceil(step / PAGE_BYTES));
      } catch (error) {
        throw new EtlError(
          "limit-exceeded",
          `decoding needs ${this.#top} bytes at once, more than the system gives`,
          error,
        );
      }
    }
    return at;
  }

  /** Where bytes are: in the arena already, or copied there for as long as its scratch lasts. */
  place({ buffer, byteOffset, byteLength }: ArrayBufferView): Address {
    if (buffer === this.#kernels.memory.buffer) return byteOffset;
    const at = this.alloc(byteLength);
    this.bytes(at, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    return at;
  }

  bytes(at: Address, byteLength: number): Uint8Array {
    return new Uint8Array(this.#kernels.memory.buffer, at, byteLength);
  }

  /** Runs `work`; what it allocated is free again afterwards. */
  scratch<T>(work: () => T): T {
    const before = this.#top;
    try {
      return work();
    } finally {
      this.#top = before;
    }
  }

  /** Bytes that last until the arena is cleared; undefined where `fill`, which is to write them, says that it did not. */
  keep(byteLength: number, fill: (at: Address) => boolean): Block | undefined {
    const before = this.#top;
    const kept = this.scratch(() => {
      const at = this.alloc(byteLength);
      const after = this.#top;
      if (!fill(at)) return undefined;
      if (after - this.#base() <= this.#limits.mostKeptBytes) return { at, after };
      return { at, after: before, copy: this.bytes(at, byteLength).slice() };
    });
    if (!kept) return undefined;
    this.#top = kept.after;
    if (kept.copy) return { bytes: kept.copy };
    const view = () => this.bytes(kept.at, byteLength);
    return {
      get bytes() {
        return view();
      },
    };
  }

  /** Frees everything. After a series of unusual size the memory itself goes back. */
  clear(): void {
    if (this.#kernels.memory.buffer.byteLength > this.#limits.ordinaryBytes) this.#kernels = newKernels();
    this.#top = this.#base();
  }

  #base(): Address {
    const base = this.#kernels.__heap_base.value;
    return base + ((VECTOR - (base % VECTOR)) % VECTOR);
  }
}
