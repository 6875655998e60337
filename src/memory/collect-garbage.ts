import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/**
 * Gives back what a thread no longer uses. Files and what they become lie outside the heap, some where the engine does not
 * see them; seeing a small heap, it is slow to collect. On so small a one it takes a few milliseconds.
 */
export const collectGarbage = runInNewContext("gc") as (what?: { readonly type: "minor" }) => void;

/** Gives back what was made a moment ago; several times as quick. */
export const collectYoung = () => collectGarbage({ type: "minor" });

const keepNursery = () => setFlagsFromString("--semi-space-growth-factor=1");

/**
 * Keeps every thread's nursery as it is. Loading the program and planning would let it grow to 32 MB, which the engine keeps
 * for good, and what is read and made afterwards lies outside the heap. Planning itself takes a fifth longer with it.
 */
export function keepNurserySmall(): void {
  keepNursery();
  // The engine takes it back with each heap that it makes.
  process.on("worker", (worker) => worker.once("online", keepNursery));
}

/** So much may lie about before a collection is worth its milliseconds: the inflated slices of one large series. */
const MAX_OUTSIDE_BYTES = 48 << 20;
/** What outlives a small nursery, such as the handles of slices. */
const MAX_INSIDE_BYTES = 4 << 20;
let outside = Number.POSITIVE_INFINITY;
let inside = Number.POSITIVE_INFINITY;

/** Collects once there is much to collect, outside the heap or inside. */
export function collectWhenMuch(): void {
  const before = getHeapStatistics();
  outside = Math.min(outside, before.external_memory);
  inside = Math.min(inside, before.used_heap_size);
  if (before.external_memory - outside < MAX_OUTSIDE_BYTES && before.used_heap_size - inside < MAX_INSIDE_BYTES) return;
  collectGarbage();
  const after = getHeapStatistics();
  outside = after.external_memory;
  inside = after.used_heap_size;
}
