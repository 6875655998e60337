import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { mapBounded } from "../../src/memory/map-bounded.ts";

/** Work that ends when the test says so. */
function works() {
  const open = new Map<number, () => void>();
  return {
    open,
    work: (item: number) => new Promise<number>((resolve) => open.set(item, () => resolve(item))),
    async end(item: number) {
      open.get(item)!();
      open.delete(item);
      await turn();
    },
  };
}
const settle = async () => {
  for (let at = 0; at < 5; at++) await turn();
};
const started = ({ open }: ReturnType<typeof works>) => [...open.keys()];

test("what is done makes room for the next, though a slow one is ahead of it and nobody asks", async () => {
  const one = works();
  const ahead = { weight: 100, weigh: () => 10 };
  const results = mapBounded([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { limit: 2, ahead }, one.work);
  const first = results.next();
  await settle();
  assert.deepEqual(started(one), [0, 1]);
  for (const item of [1, 2, 3]) await one.end(item);
  assert.deepEqual(started(one), [0, 4]);
  await one.end(0);
  assert.equal((await first).value, 0);
  // The results are left where they are; reading goes on until eight are in hand.
  for (const item of [4, 5, 6]) await one.end(item);
  assert.deepEqual(started(one), [7]);
  const left = results.return(undefined);
  await one.end(7);
  await left;
});

test("what is in hand weighs no more than it may, but for one that is too heavy alone", async () => {
  const one = works();
  const results = mapBounded([3, 4, 5, 50, 1], { limit: 4, ahead: { weight: 10, weigh: (item) => item } }, one.work);
  const next = results.next();
  await settle();
  assert.deepEqual(started(one), [3, 4]);
  await one.end(4);
  assert.deepEqual(started(one), [3]);
  await one.end(3);
  await next;
  assert.deepEqual(started(one), [], "what was taken counts until the next is asked for");
  const [four, five, fifty] = [results.next(), results.next(), results.next()];
  await settle();
  assert.deepEqual(started(one), [5]);
  await one.end(5);
  assert.deepEqual([(await four).value, (await five).value], [4, 5]);
  assert.deepEqual(started(one), [50]);
  await one.end(50);
  await fifty;
  await results.return(undefined);
});

test("the limit may change on the way", async () => {
  const one = works();
  let limit = 1;
  const results = mapBounded(
    [0, 1, 2, 3, 4, 5],
    { limit: () => limit, ahead: { weight: 9, weigh: () => 1 } },
    one.work,
  );
  const next = results.next();
  await settle();
  assert.deepEqual(started(one), [0]);
  limit = 3;
  await one.end(0);
  await next;
  assert.deepEqual(started(one), [1, 2, 3]);
  limit = 1;
  await one.end(1);
  assert.deepEqual(started(one), [2, 3]);
  const left = results.return(undefined);
  await one.end(2);
  await one.end(3);
  await left;
});

test("an error comes in its turn, after what was before it; then the source is closed and nothing is begun", async () => {
  for (const place of ["work", "source"]) {
    let closed = false;
    async function* source() {
      try {
        yield* [0, 1, 2];
        if (place === "source") throw new Error("broken");
        yield* [3, 4, 5];
      } finally {
        closed = true;
      }
    }
    const begun: number[] = [];
    const got: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      if (place === "work" && item === 3) throw new Error("broken");
      return item;
    };
    await assert.rejects(async () => {
      for await (const item of mapBounded(source(), { limit: 2 }, work)) got.push(item);
    }, /broken/);
    assert.deepEqual(got, [0, 1, 2]);
    assert.ok(closed && begun.length <= 5, `${begun}`);
  }
});

test("a weight that cannot be told is an error in its turn, and ends it", async () => {
  const weigh = (item: number) => {
    if (item === 2) throw new RangeError("no weight");
    return 1;
  };
  const taken: number[] = [];
  const all = async () => {
    for await (const result of mapBounded(
      [0, 1, 2, 3],
      { limit: 2, ahead: { weight: 10, weigh } },
      async (item) => item,
    ))
      taken.push(result);
  };
  await assert.rejects(all, /no weight/);
  assert.deepEqual(taken, [0, 1]);
});

test("whatever the bounds and the times, the results come whole and in order, and the bounds are kept", async () => {
  const shape = fc.record({
    weights: fc.array(fc.nat(20), { maxLength: 40 }),
    limit: fc.integer({ min: 1, max: 6 }),
    budget: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    turns: fc.array(fc.nat(4), { minLength: 1, maxLength: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ weights, limit, budget, turns }) => {
      let [active, held] = [0, 0];
      const wait = async (at: number) => {
        for (let left = turns[at % turns.length]!; left > 0; left--) await turn();
      };
      const work = async (at: number) => {
        active += 1;
        held += weights[at]!;
        assert.ok(active <= limit);
        assert.ok(budget === undefined || held <= budget || held === weights[at], `${held} of ${budget}`);
        await wait(at);
        active -= 1;
        return at;
      };
      const ahead = budget === undefined ? {} : { ahead: { weight: budget, weigh: (at: number) => weights[at]! } };
      const got: number[] = [];
      for await (const at of mapBounded(weights.keys(), { limit, ...ahead }, work)) {
        got.push(at);
        await wait(at + 1);
        held -= weights[at]!;
      }
      assert.deepEqual(got, [...weights.keys()]);
    }),
    { numRuns: 60 },
  );
});
