import { middleSlices, SIDE } from "./gray-cube.ts";

/** Sides of a plane that is kept. */
const KEPT_SIDE = 12;

/** The three middle planes of a cube, 32 × 32 each: across the slices, then along their rows, then along their columns. */
export function middlePlanes(cube: Float32Array, count: number): readonly Float32Array[] {
  const area = SIDE * SIDE;
  const across = new Float32Array(area);
  const [from, to] = middleSlices(count);
  for (let z = from; z < to; z++) for (let at = 0; at < area; at++) across[at]! += cube[z * area + at]! / (to - from);
  const [alongRows, alongColumns] = [new Float32Array(area), new Float32Array(area)];
  const middle = SIDE / 2;
  for (let row = 0; row < SIDE; row++) {
    // Slices at even distances, blended where one lies between two.
    const z = Math.min(count - 1, Math.max(0, ((row + 0.5) * count) / SIDE - 0.5));
    const [below, weight] = [Math.floor(z), z - Math.floor(z)];
    const above = Math.min(count - 1, below + 1);
    const at = (y: number, x: number) =>
      cube[below * area + y * SIDE + x]! * (1 - weight) + cube[above * area + y * SIDE + x]! * weight;
    for (let i = 0; i < SIDE; i++) {
      alongRows[row * SIDE + i] = (at(middle - 1, i) + at(middle, i)) / 2;
      alongColumns[row * SIDE + i] = (at(i, middle - 1) + at(i, middle)) / 2;
    }
  }
  return [across, alongRows, alongColumns];
}

/** The planes averaged down to 12 × 12, in bytes: what likeness is confirmed with. */
export function keptPlanes(planes: readonly Float32Array[]): Uint8Array {
  const step = SIDE / KEPT_SIDE;
  const kept = new Uint8Array(planes.length * KEPT_SIDE * KEPT_SIDE);
  for (const [nth, plane] of planes.entries())
    for (let at = 0; at < KEPT_SIDE * KEPT_SIDE; at++) {
      const [y, x] = [Math.floor(at / KEPT_SIDE) * step, (at % KEPT_SIDE) * step];
      let [sum, number] = [0, 0];
      for (let j = Math.floor(y); j < y + step; j++)
        for (let i = Math.floor(x); i < x + step; i++, number++) sum += plane[j * SIDE + i]!;
      kept[nth * KEPT_SIDE * KEPT_SIDE + at] = Math.round(sum / number);
    }
  return kept;
}

/**
 * How alike two stacks' planes are: the mean of the planes' correlations, which brightness and contrast do not change.
 * `reversed` holds one stack against the other with its slices in reverse order.
 */
export function likeness(one: Uint8Array, other: Uint8Array, reversed: boolean): number {
  const area = KEPT_SIDE * KEPT_SIDE;
  const planes = one.length / area;
  let sum = 0;
  for (let plane = 0; plane < planes; plane++) {
    // The first plane lies across the slices: reversing them leaves it as it is.
    const place = (at: number) =>
      plane === 0 || !reversed ? at : (KEPT_SIDE - 1 - Math.floor(at / KEPT_SIDE)) * KEPT_SIDE + (at % KEPT_SIDE);
    sum += correlation(
      area,
      (at) => one[plane * area + at]!,
      (at) => other[plane * area + place(at)]!,
    );
  }
  return sum / planes;
}

function correlation(length: number, one: (at: number) => number, other: (at: number) => number): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let at = 0; at < length; at++) {
    const [x, y] = [one(at), other(at)];
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const spread = Math.sqrt((aa - (a * a) / length) * (bb - (b * b) / length));
  return spread > 1e-6 ? (ab - (a * b) / length) / spread : 0;
}
