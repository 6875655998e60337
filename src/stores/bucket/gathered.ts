import { setImmediate } from "node:timers/promises";

interface Call<Item, Result> {
  readonly item: Item;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One call at a time of a function that takes many items: those that come meanwhile wait, and go together. Of items with one
 * key the later one waits for the next call.
 */
export function gathered<Item, Result>(
  work: (items: readonly Item[], signal: AbortSignal | undefined) => Promise<readonly Promise<Result>[]>,
  { most, keyOf }: { readonly most: number; readonly keyOf: (item: Item) => string },
): (item: Item, signal?: AbortSignal) => Promise<Result> {
  let waiting: Call<Item, Result>[] = [];
  let isRunning = false;
  const next = () => {
    const [first] = waiting;
    const keys = new Set<string>();
    const taken = waiting.filter(({ item, signal }) => {
      if (signal !== first!.signal || keys.size >= most || keys.has(keyOf(item))) return false;
      keys.add(keyOf(item));
      return true;
    });
    waiting = waiting.filter((call) => !taken.includes(call));
    return taken;
  };
  const run = async () => {
    isRunning = true;
    // What comes in the same turn goes along.
    for (await setImmediate(); waiting.length > 0; ) {
      const calls = next();
      try {
        const results = await work(
          calls.map(({ item }) => item),
          calls[0]!.signal,
        );
        for (const [at, call] of calls.entries()) results[at]!.then(call.resolve, call.reject);
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    isRunning = false;
  };
  return (item, signal) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, signal, resolve, reject });
      if (!isRunning) run().catch(reject);
    });
}
