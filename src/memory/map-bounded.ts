export interface Bounds<In> {
  /** Items worked on at once; a function is asked before each start. */
  readonly limit: number | (() => number);
  /** With it more than `limit` items wait to be taken; they and those worked on weigh so much at most, or are one alone. */
  readonly ahead?: { readonly weight: number; weigh(item: In): number };
}

/** Items in hand for each that is worked on, at most: enough that a slow one holds up no other, however light they are. */
const AHEAD = 4;

interface InHand<Out> {
  readonly result: Promise<Out>;
  readonly weight: number;
}

/**
 * Applies `work` to each item and yields the results in order. Starts items whenever there is room, whether or not a
 * result is being asked for; on an early exit or an error closes its source after the work under way has settled.
 */
export async function* mapBounded<In, Out>(
  source: AsyncIterable<In> | Iterable<In>,
  bounds: Bounds<In>,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const ahead = new Ahead(source, bounds, work);
  try {
    for (let first = await ahead.first(); first; first = await ahead.first()) {
      yield await first.result;
      ahead.release(first);
    }
  } finally {
    await ahead.close();
  }
}

class Ahead<In, Out> {
  private readonly iterator: AsyncIterator<In> | Iterator<In>;
  private readonly bounds: Bounds<In>;
  private readonly work: (item: In) => Promise<Out>;
  /** Worked on, or done and not taken yet; in order. */
  private readonly waiting: InHand<Out>[] = [];
  /** Besides these, the one that was taken last counts as in hand until the next is asked for. */
  private inHand = 0;
  private weight = 0;
  private active = 0;
  private next: In | undefined;
  private hasNext = false;
  private ended = false;
  private isFilling = false;
  private filling: Promise<void> = Promise.resolve();
  private wake = () => {};

  constructor(source: AsyncIterable<In> | Iterable<In>, bounds: Bounds<In>, work: (item: In) => Promise<Out>) {
    this.iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.bounds = bounds;
    this.work = work;
  }

  /** The next in order; undefined at the end. */
  async first(): Promise<InHand<Out> | undefined> {
    this.fill();
    while (this.waiting.length === 0 && this.isFilling)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    return this.waiting.shift();
  }

  release({ weight }: InHand<Out>): void {
    this.inHand -= 1;
    this.weight -= weight;
  }

  async close(): Promise<void> {
    this.ended = true;
    await this.filling;
    await Promise.allSettled(this.waiting.map(({ result }) => result));
    await this.iterator.return?.();
  }

  private fill(): void {
    if (this.isFilling) return;
    this.isFilling = true;
    this.filling = this.startAll();
  }

  private async startAll(): Promise<void> {
    try {
      while (!this.ended && this.mayPull()) {
        if (!this.hasNext) await this.pull();
        if (!this.hasNext || this.ended) return;
        const item = this.next as In;
        const weight = this.bounds.ahead?.weigh(item) ?? 0;
        if (this.inHand > 0 && this.weight + weight > (this.bounds.ahead?.weight ?? 0)) return;
        this.hasNext = false;
        this.start(this.work(item), weight);
      }
    } catch (error) {
      // A bound that cannot be told ends it, as the source would.
      this.ended = true;
      this.start(Promise.reject(error), 0);
    } finally {
      // In the same breath as the last look for room: what settles from now on fills again.
      this.isFilling = false;
      this.wake();
    }
  }

  private mayPull(): boolean {
    const { limit, ahead } = this.bounds;
    const most = typeof limit === "number" ? limit : limit();
    return this.active < most && this.inHand < (ahead ? most * AHEAD : most);
  }

  private async pull(): Promise<void> {
    try {
      const { done, value } = await this.iterator.next();
      this.hasNext = !done;
      this.ended ||= done === true;
      this.next = value;
    } catch (error) {
      // It is thrown when its turn comes, after what was read before it.
      this.ended = true;
      this.start(Promise.reject(error), 0);
    }
  }

  private start(result: Promise<Out>, weight: number): void {
    this.inHand += 1;
    this.active += 1;
    this.weight += weight;
    this.waiting.push({ result, weight });
    this.wake();
    const settled = () => {
      this.active -= 1;
      this.fill();
    };
    // A failure is thrown when its turn comes; until then it must not count as unhandled.
    result.then(settled, settled);
  }
}
