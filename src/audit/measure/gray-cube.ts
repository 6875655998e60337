/** Sides of what each slice is averaged down to. */
export const SIDE = 32;
/** Samples of a cell, all on one line of it: what costs is to come to a line, and with the cells of a plane noise and compression are gone in the mean. */
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

/** Of the stack, around the middle: a slice more or less moves nothing by much. */
const SLAB = 0.1;
/** The cells on either side of the middle of a row or a column. */
const MIDDLE = [SIDE / 2 - 1, SIDE / 2 + 1] as const;

/** The slices of a stack's middle, of which the second is the first that is no longer one. */
export const middleSlices = (count: number) =>
  [Math.floor(count * (0.5 - SLAB / 2)), Math.ceil(count * (0.5 + SLAB / 2))] as const;

/**
 * Each slice averaged down to 32 × 32, one after another. A few of its pixels are looked at, so that it costs little; of
 * what is not a series' own slices only those of the three middle planes, and all else stays 0.
 */
export function grayCube({ count, height, width, cells, gray, isWhole }: Voxels): Float32Array {
  const [ys, xs] = [places(height, SIDE), places(width, SIDE * SAMPLES)];
  const cube = new Float32Array(count * SIDE * SIDE);
  const table = typeof gray === "number" ? undefined : gray;
  const scale = (typeof gray === "number" ? gray : 1) / SAMPLES;
  const [firstSlice, endSlice] = middleSlices(count);
  for (let z = 0; z < count; z++)
    for (let j = 0; j < SIDE; j++) {
      const isAll = isWhole || (z >= firstSlice && z < endSlice) || (j >= MIDDLE[0] && j < MIDDLE[1]);
      const line = (z * height + ys[j]!) * width;
      let out = (z * SIDE + j) * SIDE + (isAll ? 0 : MIDDLE[0]);
      for (const end = out + (isAll ? SIDE : MIDDLE[1] - MIDDLE[0]); out < end; out++) {
        // One by one: as arrays they would cost as much as all the rest.
        const i = SAMPLES * (out % SIDE);
        const a = cells[line + xs[i]!]!;
        const b = cells[line + xs[i + 1]!]!;
        cube[out] = scale * (table ? table[a]! + table[b]! : a + b);
      }
    }
  return cube;
}

/** Where along a side of so many pixels so many samples lie. */
function places(length: number, samples: number): Int32Array {
  const found = new Int32Array(samples);
  for (let at = 0; at < samples; at++) found[at] = Math.floor(((at + 0.5) * length) / samples);
  return found;
}
