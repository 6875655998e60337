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
  const planes = new Map<number, Float32Array>();
  const plane = (z: number) => {
    let found = planes.get(z);
    if (!found)
      planes.set(z, (found = resizePlane(stack.pixels[z0 + z]!, stack.width, box, values, across.x, across.y)));
    return found;
  };
  for (let z = 0; z < depth; z++) {
    const [lower, upper] = [across.z.lower[z]!, across.z.upper[z]!];
    blend(plane(lower), plane(upper), across.z.lowerWeight[z]!, across.z.upperWeight[z]!, out, z * area);
    for (const kept of planes.keys()) if (kept < lower) planes.delete(kept);
  }
  return out;
}

/** One source plane, width first, then height; a row that serves two output rows is resampled once. */
function resizePlane(
  slice: Uint8Array,
  stride: number,
  [, , y0, , x0]: Box,
  values: Float32Array,
  x: Axis,
  y: Axis,
): Float32Array {
  const [height, width] = [y.lower.length, x.lower.length];
  const out = new Float32Array(height * width);
  const rows = new Map<number, Float32Array>();
  const row = (at: number) => {
    let found = rows.get(at);
    if (!found) rows.set(at, (found = resizeRow(slice, (y0 + at) * stride + x0, values, x)));
    return found;
  };
  for (let at = 0; at < height; at++) {
    const lower = y.lower[at]!;
    blend(row(lower), row(y.upper[at]!), y.lowerWeight[at]!, y.upperWeight[at]!, out, at * width);
    for (const kept of rows.keys()) if (kept < lower) rows.delete(kept);
  }
  return out;
}

function resizeRow(
  slice: Uint8Array,
  start: number,
  values: Float32Array,
  { lower, upper, lowerWeight, upperWeight }: Axis,
): Float32Array {
  const out = new Float32Array(lower.length);
  for (let i = 0; i < out.length; i++) {
    const a = values[slice[start + lower[i]!]!]!;
    const b = values[slice[start + upper[i]!]!]!;
    out[i] = a * lowerWeight[i]! + f32(b * upperWeight[i]!);
  }
  return out;
}
