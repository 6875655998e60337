import type { Size } from "../../src/volume/resize.ts";

const f32 = Math.fround;

/** The reference's volume straight from its formulae, a voxel at a time and axis inside axis: slow and plain. */
export function volumeByFormulae(
  pixels: readonly Uint8Array[],
  { height, width }: { readonly height: number; readonly width: number },
  size: Size,
): { voxels: Float32Array; box: number[]; range: number[] } {
  const all = pixels.flatMap((slice) => [...slice]);
  const [low, high] = all.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [255, 0]);
  const box = [pixels.length, 0, height, 0, width, 0];
  all.forEach((value, at) => {
    if (value === low) return;
    const place = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    for (const [axis, index] of place.entries()) {
      box[2 * axis] = Math.min(box[2 * axis]!, index);
      box[2 * axis + 1] = Math.max(box[2 * axis + 1]!, index + 1);
    }
  });
  const least = f32(low / 255);
  const spread = Math.max(f32(f32(high / 255) - least), f32(1e-8));
  const value = (z: number, y: number, x: number) =>
    f32(f32(f32(pixels[box[0]! + z]![(box[2]! + y) * width + box[4]! + x]! / 255) - least) / spread);
  const [z, y, x] = size.map((to, axis) => places(box[2 * axis + 1]! - box[2 * axis]!, to)) as [Places, Places, Places];
  const voxels = new Float32Array(size[0] * size[1] * size[2]);
  let at = 0;
  for (const k of z)
    for (const j of y)
      for (const i of x)
        voxels[at++] = between(k, (plane) => between(j, (row) => between(i, (column) => value(plane, row, column))));
  return { voxels, box, range: [low, high] };
}

type Places = readonly { readonly lower: number; readonly upper: number; readonly weight: number }[];

/** Corners not aligned: index i lies at (i + 1/2) · from / to - 1/2, not below the first. */
function places(from: number, to: number): Places {
  return Array.from({ length: to }, (_, i) => {
    const at = from === to ? i : Math.max(0, f32(f32(from / to) * (i + 0.5) - 0.5));
    const lower = Math.min(Math.floor(at), from - 1);
    return { lower, upper: Math.min(lower + 1, from - 1), weight: Math.min(1, Math.max(0, f32(at - lower))) };
  });
}

/** One fused multiply-add after one rounded product. */
function between({ lower, upper, weight }: Places[number], value: (at: number) => number): number {
  return f32(value(lower) * f32(1 - weight) + f32(value(upper) * weight));
}
