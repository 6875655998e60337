/**
 * glibc maps what is larger than 32 MiB by itself, and gives it back to the system when it is freed; what is smaller ends up
 * in pieces. Pages that nobody touches take no memory.
 */
export const MAPPED_BYTES = 33 << 20;
/** So much is kept for later series, and no slab is larger; what goes beyond is left to the collector. */
const MAX_FREE_BYTES = 32 << 20;
/** Sizes are powers of two from here on, so that a slab fits many series. */
const LEAST_BYTES = 1 << 20;
/** Mapped alone from here on: of smaller ones there may be hundreds, too many where the address space is limited. */
const MAPPED_FROM_BYTES = 4 << 20;

export interface Slab {
  readonly memory: SharedArrayBuffer;
  /** Bytes that are used of it at most. */
  readonly size: number;
}

/**
 * Memory for the compressed bytes of series, used again from one to the next: to get a fresh page from the system costs
 * several times what it takes to fill it. Shared between threads, so that nothing need be sent back.
 */
export class Slabs {
  private readonly free: Slab[] = [];
  private freeBytes = 0;

  /** At least so many bytes, with whatever was there before; undefined for more than is worth keeping. */
  take(byteLength: number): Slab | undefined {
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(byteLength)));
    if (size > MAX_FREE_BYTES) return undefined;
    const at = this.free.findIndex((slab) => slab.size === size);
    if (at < 0) return { memory: new SharedArrayBuffer(size < MAPPED_FROM_BYTES ? size : MAPPED_BYTES), size };
    this.freeBytes -= size;
    return this.free.splice(at, 1)[0]!;
  }

  /** Takes a slab back. Nobody may look at its bytes any more. */
  give(slab: Slab): void {
    if (this.free.includes(slab)) throw new Error("a slab was given back twice");
    this.free.push(slab);
    this.freeBytes += slab.size;
    while (this.freeBytes > MAX_FREE_BYTES) this.freeBytes -= this.free.shift()!.size;
  }
}
