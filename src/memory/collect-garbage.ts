import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (what?: { readonly type: "minor" }) => void;
let engines: Collect | undefined;

/** The engine's own, which it has only in a realm made while the flag is set: the caller's realm never shows one. */
function exposed(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/**
 * Gives back what a thread no longer uses. Files and what they become lie outside the heap, some where the engine does not
 * see them; seeing a small heap, it is slow to collect. On so small a one it takes a few milliseconds.
 */
export function collectGarbage(): void {
  engines ??= exposed();
  engines();
}

/** Gives back what was made a moment ago; several times as quick. */
export function collectYoung(): void {
  engines ??= exposed();
  engines({ type: "minor" });
}

/** To be told of bytes that are done with; collects once they are so many, and counts anew. */
export function collectEvery(bytes: number, collect = collectYoung): (byteLength: number) => void {
  let since = 0;
  return (byteLength) => {
    since += byteLength;
    if (since < bytes) return;
    since = 0;
    collect();
  };
}

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
