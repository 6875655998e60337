import { type Axis, blend, resampleAxis } from "./axis.ts";
import type { Box } from "./geometry.ts";
import type { Stack } from "./stack.ts";

const f32 = Math.fround;
export type Size = readonly [depth: number, height: number, width: number];

/** What each 8-bit value becomes: v/255, then min-max over the whole stack, each step rounded to float32. */
export function normalised([low, high]: readonly [number, number]): Float32Array {
  const unit = (value: number) => f32(value / 255);
  const least = unit(low);
  const spread = Math.max(f32(unit(high) - least), f32(1e-8));
  return Float32Array.from({ length: 256 }, (_, value) => f32(unit(value) - least) / spread);
}

/** The box of the stack, normalised and resampled to `size`: float32, C order. Only planes that count are computed. */
export function resize(stack: Stack, box: Box, range: readonly [number, number], size: Size): Float32Array {
  const [z0, z1, y0, y1, x0, x1] = box;
  const [depth, height, width] = size;
  const across = { x: resampleAxis(x1 - x0, width), y: resampleAxis(y1 - y0, height), z: resampleAxis(z1 - z0, depth) };
  const values = normalised(range);
  const area = height * width;
  const out = new Float32Array(depth * area);
  const row = twoLines(width, (y, into) => resizeRow(plane, (y0 + y) * stack.width + x0, values, across.x, into));
  let plane: Uint8Array = new Uint8Array();
  const planes = twoLines(area, (z, into) => {
    plane = stack.pixels[z0 + z]!;
    row.forget();
    blendLines(row, across.y, width, into);
  });
  blendLines(planes, across.z, area, out);
  return out;
}

/** The two source lines (rows or planes) that an output line lies between; each is made once, in memory used again. */
interface TwoLines {
  between(lower: number, upper: number): readonly [Float32Array, Float32Array];
  forget(): void;
}

function twoLines(length: number, make: (at: number, into: Float32Array) => void): TwoLines {
  const lines = [new Float32Array(length), new Float32Array(length)] as const;
  const held = [-1, -1];
  const line = (at: number, keep: number) => {
    if (!held.includes(at)) {
      const slot = held[0] === keep ? 1 : 0;
      make(at, lines[slot]!);
      held[slot] = at;
    }
    return lines[held[0] === at ? 0 : 1];
  };
  return {
    between: (lower, upper) => [line(lower, upper), line(upper, lower)],
    forget: () => held.fill(-1),
  };
}

function blendLines(lines: TwoLines, axis: Axis, length: number, out: Float32Array): void {
  for (let i = 0; i < axis.lower.length; i++) {
    const [lower, upper] = lines.between(axis.lower[i]!, axis.upper[i]!);
    blend(lower, upper, axis.lowerWeight[i]!, axis.upperWeight[i]!, out, i * length);
  }
}

function resizeRow(
  slice: Uint8Array,
  start: number,
  values: Float32Array,
  { lower, upper, lowerWeight, upperWeight }: Axis,
  out: Float32Array,
): void {
  for (let i = 0; i < out.length; i++) {
    const a = values[slice[start + lower[i]!]!]!;
    const b = values[slice[start + upper[i]!]!]!;
    out[i] = a * lowerWeight[i]! + f32(b * upperWeight[i]!);
  }
}
