/** So much is kept for later series, and no slab is larger; what goes beyond is left to the collector. */
const MOST_FREE_BYTES = 32 << 20;
/** Sizes are powers of two from here on, so that a slab fits many series. */
const LEAST_BYTES = 1 << 20;

/**
 * Memory for the compressed bytes of series, used again from one to the next: to get a fresh page from the system costs
 * several times what it takes to fill it. Shared between threads, so that nothing need be sent back.
 */
export class Slabs {
  private readonly free: SharedArrayBuffer[] = [];
  private freeBytes = 0;

  /** At least so many bytes, with whatever was there before; undefined for more than is worth keeping. */
  take(byteLength: number): SharedArrayBuffer | undefined {
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(byteLength)));
    if (size > MOST_FREE_BYTES) return undefined;
    const at = this.free.findIndex((slab) => slab.byteLength === size);
    if (at < 0) return new SharedArrayBuffer(size);
    this.freeBytes -= size;
    return this.free.splice(at, 1)[0]!;
  }

  /** Takes a slab back. Nobody may look at its bytes any more. */
  give(slab: SharedArrayBuffer): void {
    if (this.free.includes(slab)) throw new Error("a slab was given back twice");
    this.free.push(slab);
    this.freeBytes += slab.byteLength;
    while (this.freeBytes > MOST_FREE_BYTES) this.freeBytes -= this.free.shift()!.byteLength;
  }
}
