import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Arena } from "../../src/kernels/arena.ts";
import { m3dVolume } from "../../src/volume/m3d.ts";
import type { Size } from "../../src/volume/resize.ts";
import type { Stack } from "../../src/volume/stack.ts";

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
