import assert from "node:assert/strict";
import { test } from "node:test";
import { Slabs } from "../../src/memory/slabs.ts";

const MIB = 1 << 20;

test("a slab that came back is used again for what fits it, and for nothing that does not", () => {
  const slabs = new Slabs();
  const [small, large] = [slabs.take(1)!, slabs.take(5_000_000)!];
  assert.ok(large.size >= 5_000_000);
  // What glibc maps alone, and what it does not.
  assert.deepEqual([large.memory.byteLength, small.memory.byteLength], [33 * MIB, small.size]);
  slabs.give(small);
  slabs.give(large);
  assert.ok(slabs.take(4_500_000) === large);
  assert.ok(slabs.take(4_500_000) !== large);
  assert.ok(slabs.take(2_000_000)!.size >= 2_000_000);
  assert.ok(slabs.take(small.size) === small);
});

test("slabs in use are never given out twice, and no more than 32 MiB lie idle", () => {
  const slabs = new Slabs();
  const sizes = Array.from({ length: 40 }, (_, at) => (at % 9) * 700_000 + 1);
  const taken = sizes.map((size) => slabs.take(size)!);
  assert.equal(new Set(taken).size, taken.length);
  for (const slab of taken) slabs.give(slab);
  const again = new Set(sizes.map((size) => slabs.take(size)));
  assert.equal(again.size, sizes.length);
  const kept = taken.filter((slab) => again.has(slab)).reduce((sum, { size }) => sum + size, 0);
  assert.ok(kept > 16 * MIB && kept <= 32 * MIB, `${kept}`);
});

test("a large series has no slab, so that it does not drive out the others; nothing is given back twice", () => {
  const slabs = new Slabs();
  const one = slabs.take(MIB)!;
  slabs.give(one);
  assert.equal(slabs.take(32 * MIB + 1), undefined);
  assert.throws(() => slabs.give(one), /twice/);
  assert.ok(slabs.take(MIB) === one);
});
