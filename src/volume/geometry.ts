import type { Arena } from "../kernels/arena.ts";
import type { Stack } from "./stack.ts";

/** [z0, z1, y0, y1, x0, x1], half open, in slices and pixels of the stack. */
export type Box = readonly [number, number, number, number, number, number];
/** Smallest and largest value. */
export type Range = readonly [low: number, high: number];

const NOTHING_YET = 255;
const ALL_VALUES = 255 << 8;

/** Smallest and largest value of the stack. */
export function intensityRange({ count, height, width, slice }: Stack, arena: Arena): Range {
  let packed = NOTHING_YET;
  for (let z = 0; z < count && packed !== ALL_VALUES; z++)
    packed = arena.scratch(() => arena.call.min_max(arena.place(slice(z)), height * width, packed));
  return [packed & 255, packed >> 8];
}

/** The smallest box that holds every voxel above the minimum, or undefined in a constant stack. */
export function cropBox({ count, height, width, slice }: Stack, low: number, arena: Arena): Box | undefined {
  const isEmpty = (z: number) =>
    arena.scratch(() => arena.call.box_any(arena.place(slice(z)), height * width, low) === 0);
  let [z0, z1] = [0, count];
  while (z0 < z1 && isEmpty(z0)) z0++;
  if (z0 === z1) return undefined;
  while (isEmpty(z1 - 1)) z1--;
  return arena.scratch(() => {
    const at = arena.place(Int32Array.of(height, 0, width, 0));
    const box = () => new Int32Array(arena.call.memory.buffer, at, 4);
    const isWhole = ([top, bottom, left, right]: Int32Array) =>
      top === 0 && bottom === height && left === 0 && right === width;
    for (let z = z0; z < z1 && !isWhole(box()); z++)
      arena.scratch(() => {
        const pixels = arena.place(slice(z));
        // A slice of background alone, between others, has nothing to add.
        if (arena.call.box_any(pixels, height * width, low) !== 0) arena.call.box_grow(pixels, height, width, low, at);
      });
    const [y0, y1, x0, x1] = box();
    return [z0, z1, y0!, y1!, x0!, x1!];
  });
}
