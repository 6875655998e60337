import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../src/errors.ts";
import { Arena } from "../../src/kernels/arena.ts";
import { m3dVolume } from "../../src/volume/m3d.ts";
import type { Size } from "../../src/volume/resize.ts";
import type { Stack } from "../../src/volume/stack.ts";
import { volumeByFormulae } from "./formulae.ts";

/** 21 × 45 × 50 voxels by a formula, with empty margins on some sides. */
function stackByFormula(): Stack {
  const [count, height, width] = [21, 45, 50];
  const pixels = Array.from({ length: count }, (_, z) =>
    Uint8Array.from({ length: height * width }, (_, at) => {
      const [y, x] = [Math.floor(at / width), at % width];
      return z === 0 || y < 3 || x >= 47 ? 0 : (z * 37 + y * 11 + x * 7 + ((x * y) % 13)) % 251;
    }),
  );
  return { count, height, width, slice: (z) => pixels[z]! };
}

/** SHA-256 of float32 arrays that numpy gives for the reference's formulae, axis by axis. */
const sizes: readonly (readonly [Size, string])[] = [
  [[32, 256, 256], "f10ddf71f05349d5fde14fea9375506cafb0af383c47d223b3604b1b8962c858"],
  [[128, 256, 256], "e323a6b883e109a42e817f79726fe9a33a5db9cf084f2c07ce2c7911d9d2814a"],
  [[24, 100, 90], "ff58717b5dd66913cce0afe5af3c94d9303b6da292fb148512684d378c95a256"],
  [[7, 33, 51], "eeaaa7417cf860f87a6ab2ee680da3fd560d2894c62dca0d44c5fec2e7390006"],
  [[20, 42, 47], "542ac43b928e7c7344682cdfc9379fe387e991f6bffafb301321284fd1b93948"],
];

for (const [size, expected] of sizes)
  test(`a volume of ${size.join(" × ")} is what the reference's formulae give`, () => {
    const { voxels, box } = m3dVolume(stackByFormula(), size, new Arena());
    assert.deepEqual(box, [1, 21, 3, 45, 0, 47]);
    assert.equal(createHash("sha256").update(new Uint8Array(voxels.buffer)).digest("hex"), expected);
  });

const arena = new Arena();
const isEmpty = (error: unknown) => isFault(error, "empty-volume");
/** Narrow rows, and rows so wide that four outputs span more than sixteen bytes. */
const width = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 200, max: 1500 }));

test("volumes of any shape and size are what the formulae give, voxel by voxel", () =>
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 20 }), width),
      fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 40 })),
      fc.tuple(fc.nat(255), fc.nat(255)),
      fc.infiniteStream(fc.nat(255)),
      ([count, height, width], size, [least, most], values) => {
        fc.pre(least < most);
        const pixels = Array.from({ length: count }, () => new Uint8Array(height * width).fill(least));
        // A few pixels, so that the box is seldom the whole.
        for (let i = 0; i < 1 + (width >> 3); i++) {
          const [z, y, x, value] = [...values.take(4)] as [number, number, number, number];
          pixels[z % count]![(y % height) * width + ((x * 31) % width)] = Math.min(most, Math.max(least + 1, value));
        }
        const made = () => m3dVolume({ count, height, width, slice: (z) => pixels[z]! }, size, arena);
        // So small a stack may have nothing but those few, all alike.
        const constant = pixels.every((slice) => slice.every((value) => value === pixels[0]![0]));
        if (constant) return assert.throws(made, isEmpty);
        const { voxels, box, range } = made();
        const oracle = volumeByFormulae(pixels, { height, width }, size);
        assert.deepEqual([box, range], [oracle.box, oracle.range]);
        assert.deepEqual(voxels, oracle.voxels);
        assert.ok(Buffer.from(voxels.buffer).equals(Buffer.from(oracle.voxels.buffer)));
      },
    ),
    { numRuns: 100, examples: [[[1, 1, 1], [1, 1, 1], [0, 1], fc.sample(fc.infiniteStream(fc.nat(255)), 1)[0]!]] },
  ));
