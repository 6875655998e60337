/** Sides of what each slice is averaged down to. */
export const SIDE = 32;
/** Samples along each side of a cell: enough that noise and compression are gone in the mean. */
const SAMPLES = 3;

/** Slices of one shape as any column has them: bytes, or numbers in 0..1. */
export interface Voxels {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly cells: Uint8Array | Float32Array | Uint16Array;
  /** What a cell's value is in 0..255. */
  readonly gray: number | ((cell: number) => number);
  /** The series' own slices, in order, in 8 bits. */
  readonly isWhole: boolean;
}

/** Each slice averaged down to 32 × 32, one after another. A few of its pixels are looked at, so that it costs little. */
export function grayCube({ count, height, width, cells, gray }: Voxels): Float32Array {
  const places = (length: number) =>
    Int32Array.from({ length: SIDE * SAMPLES }, (_, at) => Math.floor(((at + 0.5) * length) / (SIDE * SAMPLES)));
  const [ys, xs] = [places(height), places(width)];
  const cube = new Float32Array(count * SIDE * SIDE);
  const scale = typeof gray === "number" ? gray : 1;
  const read = typeof gray === "number" ? undefined : gray;
  for (let z = 0; z < count; z++)
    for (let j = 0; j < ys.length; j++) {
      const line = (z * height + ys[j]!) * width;
      const out = (z * SIDE + Math.floor(j / SAMPLES)) * SIDE;
      for (let x = 0, i = 0; x < SIDE; x++) {
        let sum = 0;
        for (const end = i + SAMPLES; i < end; i++) {
          const cell = cells[line + xs[i]!]!;
          sum += read ? read(cell) : cell;
        }
        cube[out + x]! += (sum * scale) / (SAMPLES * SAMPLES);
      }
    }
  return cube;
}
