import type { Voxels } from "./gray-cube.ts";
import { SIDE } from "./gray-cube.ts";

const AREA = SIDE * SIDE;

/** Mean difference of two slices of a cube, in gray levels. */
function difference(cube: Float32Array, one: number, other: number): number {
  let sum = 0;
  for (let at = 0; at < AREA; at++) sum += Math.abs(cube[one * AREA + at]! - cube[other * AREA + at]!);
  return sum / AREA;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Differences of each slice with the one `apart` places on. */
const steps = (cube: Float32Array, count: number, apart: number) =>
  Array.from({ length: Math.max(0, count - apart) }, (_, z) => difference(cube, z, z + apart));

/** What the order of a stack's slices tells, by their cube. */
export function orderFacts(cube: Float32Array, of: readonly Moments[]) {
  const count = of.length;
  const next = steps(cube, count, 1);
  return {
    interleaving: interleaving(cube, count, next),
    breaks: breaks(cube, count, next),
    windowJumps: windowJumps(cube, of),
  };
}

/** Neighbours against next-but-one: about 0.6 in a stack whose slices follow one another. 0 where there are too few. */
function interleaving(cube: Float32Array, count: number, next: readonly number[]): number {
  if (count < 6) return 0;
  const nextButOne = mean(steps(cube, count, 2));
  return nextButOne < 0.05 ? 0 : mean(next) / nextButOne;
}

/** A step is a break when it is so many times the usual one, */
const FAR_STEP = 3;
/** and a slice that lies farther off than this goes on no worse than so many usual steps. */
const [FAR_OFF, GOES_ON] = [3, 1.5];

/** Places at which the next slice does not go on while a far one does. A gap, where slices are missing, is none. */
function breaks(cube: Float32Array, count: number, next: readonly number[]): number {
  const usual = Math.max(0.25, median(next));
  let found = 0;
  for (const [z, step] of next.entries()) {
    if (step < FAR_STEP * usual) continue;
    for (let other = 0; other < count; other++)
      if (Math.abs(other - z) > FAR_OFF && difference(cube, z, other) <= GOES_ON * usual) {
        found += 1;
        break;
      }
  }
  return found;
}

interface Moments {
  readonly mean: number;
  readonly spread: number;
  /** Weighted by place: the same for the same slice, and rarely for another. */
  readonly mark: number;
}

/** Of each slice of a cube. */
export function moments(cube: Float32Array, count: number): Moments[] {
  const all: Moments[] = [];
  for (let z = 0; z < count; z++) {
    let [sum, squares, mark] = [0, 0, 0];
    for (let at = 0; at < AREA; at++) {
      const value = cube[z * AREA + at]!;
      sum += value;
      squares += value * value;
      mark += value * (1 + (at & 63));
    }
    const mean = sum / AREA;
    all.push({ mean, spread: Math.sqrt(Math.max(0, squares / AREA - mean * mean)), mark });
  }
  return all;
}

/** Another brightness or contrast by this, in gray levels and as a ratio; */
const [BRIGHTER, STRONGER] = [15, 1.3];
/** all at once, by so many times the change before and after; and shapes that correlate as neighbours do. */
const [SUDDEN, SAME_SHAPE] = [4, 0.8];

/** Places at which the same shapes go on in another window. Where a head or a foot begins, slices change as much, but by and by. */
function windowJumps(cube: Float32Array, of: readonly Moments[]): number {
  const count = of.length;
  const change = (z: number) => {
    const [a, b] = [of[z], of[z + 1]];
    if (!a || !b) return { brighter: 0, stronger: 0 };
    const stronger = Math.abs(Math.log(Math.max(1, a.spread) / Math.max(1, b.spread)));
    return { brighter: Math.abs(a.mean - b.mean), stronger };
  };
  let found = 0;
  for (let z = 1; z + 2 < count; z++) {
    const [a, b] = [of[z]!, of[z + 1]!];
    if (a.spread < 4 || b.spread < 4) continue;
    const { brighter, stronger } = change(z);
    const around = [change(z - 1), change(z + 1)];
    const isSudden =
      (brighter >= BRIGHTER && around.every((other) => brighter >= SUDDEN * other.brighter)) ||
      (stronger >= Math.log(STRONGER) && around.every((other) => stronger >= SUDDEN * other.stronger));
    if (isSudden && product(cube, z, of) / (a.spread * b.spread) >= SAME_SHAPE) found += 1;
  }
  return found;
}

/** Covariance of a slice with the next. */
function product(cube: Float32Array, z: number, of: readonly Moments[]): number {
  let sum = 0;
  for (let at = 0; at < AREA; at++)
    sum += (cube[z * AREA + at]! - of[z]!.mean) * (cube[(z + 1) * AREA + at]! - of[z + 1]!.mean);
  return sum / AREA;
}

/** Slices of one gray value, and slices that repeat an earlier one byte by byte. Few pixels tell which to compare whole. */
export function repeatedSlices(of: readonly Moments[], { height, width, cells }: Voxels) {
  const size = height * width;
  const bytes = Buffer.from(cells.buffer, cells.byteOffset, cells.byteLength);
  const slice = (z: number) => bytes.subarray(z * size, (z + 1) * size);
  const seen = new Map<number, number[]>();
  let [blank, duplicates] = [0, 0];
  for (const [z, { spread, mark }] of of.entries()) {
    const pixels = slice(z);
    // Moved on by one, a slice of one value is itself. Rounding may leave a spread of nearly nothing.
    if (spread < 0.01 && pixels.subarray(1).equals(pixels.subarray(0, -1))) {
      blank += 1;
      continue;
    }
    const before = seen.get(mark);
    if (before?.some((other) => slice(other).equals(pixels))) duplicates += 1;
    else if (before) before.push(z);
    else seen.set(mark, [z]);
  }
  return { blank, duplicates };
}
