import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { grayCube } from "../../src/audit/measure/gray-cube.ts";
import { middlePlanes } from "../../src/audit/measure/planes.ts";

test("of a volume as little is looked at as its middle planes need: they are those of a cube of all its pixels", () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 70 }),
    fc.integer({ min: 1, max: 80 }),
    fc.integer({ min: 1, max: 80 }),
  );
  fc.assert(
    fc.property(sizes, fc.integer(), ([count, height, width], seed) => {
      const cells = Uint8Array.from(
        { length: count * height * width },
        (_, at) => Math.imul(at + seed, 2654435761) >>> 24,
      );
      const planesOf = (isWhole: boolean) =>
        middlePlanes(grayCube({ count, height, width, cells, gray: 1, isWhole }), count);
      assert.deepEqual(planesOf(false), planesOf(true));
      assert.ok(
        planesOf(false).some((plane) => plane.some((value) => value > 0)) || cells.every((value) => value === 0),
      );
    }),
    { numRuns: 60 },
  );
});
