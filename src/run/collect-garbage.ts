import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** So much may lie about before a collection is worth its milliseconds: the inflated slices of one large series. */
const MOST_BYTES = 48 << 20;
let least = Number.POSITIVE_INFINITY;

/**
 * Gives back what a thread no longer uses, once it is much. Files and what they are inflated to lie outside the heap, which
 * the engine, seeing a small heap, is slow to collect; on so small a one it takes a few milliseconds.
 */
export function collectGarbage(): void {
  const outside = () => getHeapStatistics().external_memory;
  least = Math.min(least, outside());
  if (outside() - least < MOST_BYTES) return;
  collect();
  least = outside();
}
