import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../src/errors.ts";
import { Arena } from "../../src/kernels/arena.ts";

const MB = 1 << 20;
const size = (arena: Arena) => arena.call.memory.buffer.byteLength;
const filled = (value: number) => (arena: Arena, byteLength: number) =>
  arena.keep(byteLength, (at) => Boolean(arena.bytes(at, byteLength).fill(value)))!;

test("what is kept is still there when the memory has grown and moved", () => {
  const arena = new Arena();
  const first = filled(7)(arena, 1000);
  const view = first.bytes;
  filled(8)(arena, 40 * MB);
  assert.equal(view.byteLength, 0, "the memory has moved");
  assert.deepEqual(first.bytes, new Uint8Array(1000).fill(7));
});

test("scratch and what could not be filled are free again; a failure within frees too", () => {
  const arena = new Arena();
  const next = () => arena.scratch(() => arena.alloc(1));
  const free = next();
  assert.equal(
    arena.keep(1000, () => false),
    undefined,
  );
  assert.throws(() =>
    arena.keep(1000, () => {
      throw new Error("broken");
    }),
  );
  arena.scratch(() => arena.alloc(1000));
  assert.equal(next(), free);
  filled(1)(arena, 1000);
  assert.ok(next() >= free + 1000);
});

test("many series need no more memory than one, and an unusual one gives its memory back", () => {
  const arena = new Arena({ ordinaryBytes: 64 * MB });
  const series = (slices: number) => {
    for (let i = 0; i < slices; i++) filled(i)(arena, MB);
    const held = size(arena);
    arena.clear();
    return held;
  };
  const once = series(30);
  for (let i = 0; i < 5; i++) assert.equal(series(30), once);
  assert.ok(series(100) > 100 * MB);
  assert.ok(size(arena) < MB);
});

test("beyond the limit blocks lie outside, with their bytes", () => {
  const arena = new Arena({ mostKeptBytes: 4 * MB });
  const blocks = Array.from({ length: 8 }, (_, i) => filled(i + 1)(arena, MB));
  assert.ok(size(arena) <= 16 * MB);
  const outside = blocks.filter(({ bytes }) => bytes.buffer !== arena.call.memory.buffer);
  assert.ok(outside.length >= 4 && outside.length < 8, `${outside.length} outside`);
  for (const [i, { bytes }] of blocks.entries()) assert.deepEqual([bytes[0], bytes[MB - 1]], [i + 1, i + 1]);
  assert.equal(arena.place(blocks[0]!.bytes), blocks[0]!.bytes.byteOffset);
  const copied = arena.place(blocks[7]!.bytes);
  assert.deepEqual(arena.bytes(copied, MB), blocks[7]!.bytes);
});

test("more than can be addressed is a fault that rejects the series", () => {
  assert.throws(
    () => new Arena().alloc(2 ** 32),
    (error) => isFault(error, "limit-exceeded"),
  );
});
