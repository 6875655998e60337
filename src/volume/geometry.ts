import type { Stack } from "./stack.ts";

/** [z0, z1, y0, y1, x0, x1], half open, in slices and pixels of the stack. */
export type Box = readonly [number, number, number, number, number, number];

/** Smallest and largest value of the stack. */
export function intensityRange({ pixels }: Stack): readonly [number, number] {
  let [low, high] = [255, 0];
  for (const slice of pixels) {
    for (let i = 0; i < slice.length; i++) {
      const value = slice[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low === 0 && high === 255) break;
  }
  return [low, high];
}

/** The smallest box that holds every voxel above the minimum, or undefined in a constant stack. */
export function cropBox({ pixels, height, width }: Stack, low: number): Box | undefined {
  let [z0, z1, y0, y1, x0, x1] = [pixels.length, 0, height, 0, width, 0];
  pixels.forEach((slice, z) => {
    for (let y = 0; y < height; y++) {
      const [start, end] = [y * width, (y + 1) * width];
      let left = start;
      while (left < end && slice[left] === low) left++;
      if (left === end) continue;
      let right = end - 1;
      while (slice[right] === low) right--;
      [z0, z1] = [Math.min(z0, z), z + 1];
      [y0, y1] = [Math.min(y0, y), Math.max(y1, y + 1)];
      [x0, x1] = [Math.min(x0, left - start), Math.max(x1, right - start + 1)];
    }
  });
  return z1 === 0 ? undefined : [z0, z1, y0, y1, x0, x1];
}
