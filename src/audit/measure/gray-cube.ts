/** Sides of what each slice is averaged down to. */
export const SIDE = 32;
/** Samples along each side of a cell: with the cells of a plane, enough that noise and compression are gone in the mean. */
const SAMPLES = 2;

/** Slices of one shape as any column has them: bytes, or numbers in 0..1. */
export interface Voxels {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly cells: Uint8Array | Float32Array | Uint16Array;
  /** What makes a cell's value one of 0..255: a factor, or the value of each cell there can be. */
  readonly gray: number | Uint8Array;
  /** The series' own slices, in order, in 8 bits. */
  readonly isWhole: boolean;
}

/** Each slice averaged down to 32 × 32, one after another. A few of its pixels are looked at, so that it costs little. */
export function grayCube({ count, height, width, cells, gray }: Voxels): Float32Array {
  const [ys, xs] = [places(height), places(width)];
  const cube = new Float32Array(count * SIDE * SIDE);
  const table = typeof gray === "number" ? undefined : gray;
  const scale = (typeof gray === "number" ? gray : 1) / (SAMPLES * SAMPLES);
  for (let z = 0, out = 0; z < count; z++)
    for (let j = 0; j < ys.length; j += SAMPLES) {
      const upper = (z * height + ys[j]!) * width;
      const lower = (z * height + ys[j + 1]!) * width;
      for (let i = 0; i < xs.length; i += SAMPLES, out++) {
        // One by one: as arrays they would cost as much as all the rest.
        const a = cells[upper + xs[i]!]!;
        const b = cells[upper + xs[i + 1]!]!;
        const c = cells[lower + xs[i]!]!;
        const d = cells[lower + xs[i + 1]!]!;
        cube[out] = scale * (table ? table[a]! + table[b]! + table[c]! + table[d]! : a + b + c + d);
      }
    }
  return cube;
}

/** Where along a side of so many pixels the samples lie. */
function places(length: number): Int32Array {
  const found = new Int32Array(SIDE * SAMPLES);
  for (let at = 0; at < found.length; at++) found[at] = Math.floor(((at + 0.5) * length) / found.length);
  return found;
}
