import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Arena } from "../../src/kernels/arena.ts";
import { decodeSlices } from "../../src/slices/decode-slices.ts";
import { sharpDecoder } from "../../src/slices/sharp-decoder.ts";
import { m3dVolume } from "../../src/volume/m3d.ts";
import { keepCommonShape, pixelsSha256 } from "../../src/volume/stack.ts";
import { gray, pngFile } from "./files.ts";

const [height, width] = [40, 56];
const images = Array.from({ length: 12 }, (_, z) => ({
  height,
  width,
  pixels: Uint8Array.from({ length: height * width }, (_, at) => (z * 20 + at * (z + 1)) & 255),
}));
/** JPEG and PNG that the kernels take, a progressive JPEG, a wider slice, one that nobody reads. */
const files: readonly Uint8Array[] = [
  ...(await Promise.all(images.slice(0, 6).map((one) => gray(one).jpeg().toBuffer()))),
  ...images.slice(6, 10).map((one) => pngFile(one, { colours: 0, filters: [0, 1, 2, 3, 4] })),
  await gray(images[10]!).jpeg({ progressive: true }).toBuffer(),
  pngFile({ height, width: width + 1, pixels: new Uint8Array(height * (width + 1)) }, { colours: 0, filters: [0] }),
  Buffer.from("<html>not found</html>"),
];

async function assembled(arena: Arena) {
  const { slices, slow } = await decodeSlices(files, arena);
  const { stack, kept } = keepCommonShape(slices);
  const sha256 = pixelsSha256(stack);
  const { voxels, box } = m3dVolume(stack, [4, 32, 32], arena);
  const inside = slices.filter((slice) => slice?.pixels.buffer === arena.call.memory.buffer).length;
  arena.clear();
  return { volume: { sha256, kept, voxels, box }, slow, inside };
}

test("kernels and general decoder share a series out, and give what the general decoder gives alone", async () => {
  const { volume, slow, inside } = await assembled(new Arena());
  const alone = await Promise.all(files.map((file) => sharpDecoder.decode(file)));
  const { stack, kept } = keepCommonShape(alone);
  assert.deepEqual([slow, inside], [2, 12]);
  assert.deepEqual([volume.sha256, volume.kept], [pixelsSha256(stack), kept]);
  assert.deepEqual(kept, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("slices that lie outside, beyond the arena's limit, give the same volume", async () => {
  const all = await assembled(new Arena());
  const some = await assembled(new Arena({ mostKeptBytes: 12_000 }));
  const none = await assembled(new Arena({ mostKeptBytes: 0 }));
  assert.ok(some.inside > 0 && some.inside < 12 && none.inside === 0, `${some.inside} inside`);
  assert.deepEqual(some.volume, all.volume);
  assert.deepEqual(none.volume, all.volume);
});

test("an arena that other series have used gives the same volume", async () => {
  const arena = new Arena({ ordinaryBytes: 1 << 20 });
  const first = await assembled(arena);
  arena.bytes(arena.alloc(1 << 20), 1 << 20).set(randomBytes(1 << 20));
  arena.clear();
  assert.deepEqual(await assembled(arena), first);
});
