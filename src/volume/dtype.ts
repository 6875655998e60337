const f32 = Math.fround;
const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Float32 voxels as little-endian bytes of the type asked for. */
export function convertVoxels(voxels: Float32Array, dtype: "float32" | "float16" | "uint8"): Uint8Array {
  if (dtype === "float32") return new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  // Loops, as the arrays' own `from` with a function is twenty times as slow.
  if (dtype === "uint8") {
    const bytes = new Uint8Array(voxels.length);
    for (let i = 0; i < voxels.length; i++) bytes[i] = roundHalfEven(f32(voxels[i]! * 255));
    return bytes;
  }
  const halves = new Uint16Array(voxels.length);
  for (let i = 0; i < voxels.length; i++) halves[i] = toFloat16(voxels[i]!);
  return new Uint8Array(halves.buffer);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** IEEE 754 binary16 of a float32, rounded to nearest, ties to even. */
function toFloat16(value: number): number {
  single[0] = value;
  const raw = bits[0]!;
  const sign = (raw >>> 16) & 0x8000;
  const magnitude = raw & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below the smallest normal half, steps are 2^-24: multiplying by 2^24 is exact, rounding then is the only one.
  if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(value) * 2 ** 24);
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}
