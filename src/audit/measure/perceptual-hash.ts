import { SIDE } from "./gray-cube.ts";

/** Frequencies along each side that count; the very first, the plane's mean, does not. */
const FREQUENCIES = 8;
const HALF = SIDE / 2;
/** Words of 32 bits of one plane. */
const WORDS = (FREQUENCIES * FREQUENCIES) / 32;
/** A plane that varies less than this, as the root of its mean square in gray levels, shows nothing to compare. */
const LEAST_SPREAD = 2;

const cosines = Float64Array.from({ length: FREQUENCIES * SIDE }, (_, at) =>
  Math.cos((Math.PI * Math.floor(at / SIDE) * ((at % SIDE) + 0.5)) / SIDE),
);

/** The signs of a plane's low frequencies; null where it shows nothing. Bit `8 u + v`: frequency u down, v across. */
function planeBits(plane: Float32Array): readonly number[] | null {
  const across = new Float64Array(SIDE * FREQUENCIES);
  const [sums, differences] = [new Float64Array(HALF), new Float64Array(HALF)];
  for (let y = 0; y < SIDE; y++) {
    // A cosine is the same, or turns its sign, from the other end.
    for (let x = 0; x < HALF; x++) {
      const [left, right] = [plane[y * SIDE + x]!, plane[(y + 1) * SIDE - 1 - x]!];
      sums[x] = left + right;
      differences[x] = left - right;
    }
    for (let v = 0; v < FREQUENCIES; v++) {
      const folded = v % 2 === 0 ? sums : differences;
      let sum = 0;
      for (let x = 0; x < HALF; x++) sum += folded[x]! * cosines[v * SIDE + x]!;
      across[y * FREQUENCIES + v] = sum;
    }
  }
  const words = new Array<number>(WORDS).fill(0);
  let energy = 0;
  for (let u = 0; u < FREQUENCIES; u++)
    for (let v = 0; v < FREQUENCIES; v++) {
      if (u === 0 && v === 0) continue;
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += across[y * FREQUENCIES + v]! * cosines[u * SIDE + y]!;
      energy += sum * sum;
      const bit = u * FREQUENCIES + v;
      if (sum > 0) words[bit >> 5]! |= 1 << (bit & 31);
    }
  return Math.sqrt(energy) / (SIDE * SIDE) < LEAST_SPREAD / 2 ? null : words;
}

/** Of three planes, as six words; null where one of them shows nothing. */
export function perceptualHash(planes: readonly Float32Array[]): readonly number[] | null {
  const words = planes.map(planeBits);
  return words.includes(null) ? null : (words as number[][]).flat();
}

/** Reversing a plane's lines turns the sign of every odd frequency down: in each word, of lines 1 and 3. */
const ODD_LINES = 0xff00ff00 | 0;

/** The hash that the stack has with its slices in reverse order. */
export function reversedHash(hash: readonly number[]): readonly number[] {
  return hash.map((word, at) => (at < WORDS ? word : word ^ ODD_LINES));
}

/** How many bits differ. */
export function distance(one: readonly number[], other: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) {
    let bits = one[at]! ^ other[at]!;
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    sum += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return sum;
}

/** A 64-bit plane has four bands of 16; of two hashes that differ in few bits, some bands are the same. */
export const BANDS = 12;

/** Every second bit of a word, so that a band has of every frequency. */
export const bandOf = (hash: readonly number[], band: number): number => (hash[band >> 1]! >>> (band & 1)) & 0x55555555;
