import { EtlError } from "../errors.ts";
import type { Row } from "../model/row.ts";

export interface Voxels {
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float16" | "uint8";
}

/** The row's array. */
export function voxelsOf(row: Row): Voxels {
  const bytes = row.volume;
  if (!bytes || !row.volume_shape || !row.volume_dtype)
    throw new EtlError("usage", `${row.id}: has no volume; convert without --volume none, or export from the source`);
  return { bytes, shape: row.volume_shape, dtype: row.volume_dtype };
}

/** The array as float32 in 0..1, which the authors' code and those after it take what they read for. */
export function unitFloats({ bytes, shape, dtype }: Voxels): Voxels {
  if (dtype === "float32") return { bytes, shape, dtype };
  const floats = new Float32Array(dtype === "uint8" ? bytes.length : bytes.length / 2);
  if (dtype === "uint8") for (let at = 0; at < floats.length; at++) floats[at] = bytes[at]! / 255;
  else for (let at = 0; at < floats.length; at++) floats[at] = fromFloat16(bytes[2 * at]! | (bytes[2 * at + 1]! << 8));
  return { bytes: new Uint8Array(floats.buffer), shape, dtype: "float32" };
}

/** IEEE 754 binary16, of which volumes have finite numbers alone. */
function fromFloat16(half: number): number {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}
