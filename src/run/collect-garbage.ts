import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/**
 * Gives back what a thread no longer uses. Files and what they become lie outside the heap, some where the engine does not
 * see them; seeing a small heap, it is slow to collect. On so small a one it takes a few milliseconds.
 */
export const collectGarbage = runInNewContext("gc") as () => void;

/** So much may lie about before a collection is worth its milliseconds: the inflated slices of one large series. */
const MOST_BYTES = 48 << 20;
let least = Number.POSITIVE_INFINITY;

/** Collects once there is much to collect. */
export function collectWhenMuch(): void {
  const outside = () => getHeapStatistics().external_memory;
  least = Math.min(least, outside());
  if (outside() - least < MOST_BYTES) return;
  collectGarbage();
  least = outside();
}
