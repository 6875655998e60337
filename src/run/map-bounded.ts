export interface Bounds<In> {
  /** Items worked on at once. */
  readonly limit: number;
  /** What the items under way may weigh together; one item alone may weigh more. */
  readonly budget?: number;
  readonly weigh?: (item: In) => number;
}

/**
 * Applies `work` to each item and yields the results in order. Pulls only when there is room, and on an early exit or
 * an error closes its source after the work under way has settled.
 */
export async function* mapBounded<In, Out>(
  source: AsyncIterable<In> | Iterable<In>,
  bounds: Bounds<In>,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const { limit, budget = Number.POSITIVE_INFINITY, weigh = () => 0 } = bounds;
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const running: { readonly result: Promise<Out>; readonly weight: number }[] = [];
  let held = 0;
  let next = await iterator.next();
  try {
    for (;;) {
      while (!next.done && running.length < limit) {
        const weight = weigh(next.value);
        if (running.length > 0 && held + weight > budget) break;
        held += weight;
        const result = work(next.value);
        // Its failure is thrown when its turn comes; until then it must not count as unhandled.
        result.catch(() => {});
        running.push({ result, weight });
        next = await iterator.next();
      }
      const first = running.shift();
      if (!first) return;
      yield await first.result;
      held -= first.weight;
    }
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
    await iterator.return?.();
  }
}
