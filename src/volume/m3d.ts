import { EtlError } from "../errors.ts";
import type { Arena } from "../kernels/arena.ts";
import { type Box, cropBox, intensityRange, type Range } from "./geometry.ts";
import { resize, type Size } from "./resize.ts";
import type { Stack } from "./stack.ts";

/** The authors' array: float32 in 0..1, C order, of the size asked for. */
export interface M3dVolume {
  readonly voxels: Float32Array;
  readonly box: Box;
  readonly range: Range;
}

/**
 * Normalises over the whole stack, crops to what is above the minimum, resizes. A constant stack is "empty-volume".
 * The voxels lie in `memory` where that has the very length.
 */
export function m3dVolume(stack: Stack, size: Size, arena: Arena, memory?: ArrayBuffer): M3dVolume {
  const range = intensityRange(stack, arena);
  const box = cropBox(stack, range[0], arena);
  if (!box) throw new EtlError("empty-volume", `all voxels have the value ${range[0]}: nothing is left after cropping`);
  return { voxels: resize(stack, { box, range, size }, arena, memory), box, range };
}
