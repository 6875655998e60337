import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/**
 * Gives back what a thread no longer uses. Volumes and files lie outside the heap, which the engine, seeing a small heap,
 * is slow to collect; on so small a one it takes a few milliseconds.
 */
export const collectGarbage = runInNewContext("gc") as () => void;
