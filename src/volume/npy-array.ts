import { EtlError } from "../errors.ts";

const MAGIC = Buffer.from("\x93NUMPY", "latin1");
/** Behind the magic stand two bytes of version, then the header's length: of two bytes in format 1, of four since. */
const VERSION_AT = 6;
const LENGTH_AT = 8;

/**
 * The voxels of a file that np.save wrote, which must be as the authors' script leaves them: little-endian float32 in C
 * order, of the shape given, each in 0..1. Anything else is "bad-array".
 */
export function readUnitArray(name: string, bytes: Uint8Array, shape: readonly number[]): Float32Array {
  const bad = (why: string) => new EtlError("bad-array", `${name}: ${why}`);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.byteLength < LENGTH_AT + 4 || !file.subarray(0, VERSION_AT).equals(MAGIC))
    throw bad("not an array that np.save wrote");
  const lengthBytes = file[VERSION_AT] === 1 ? 2 : 4;
  const start = LENGTH_AT + lengthBytes + file.readUIntLE(LENGTH_AT, lengthBytes);
  const header = file.toString("latin1", LENGTH_AT + lengthBytes, Math.min(start, file.byteLength));
  const field = (pattern: RegExp) => pattern.exec(header)?.[1]?.trim() ?? "?";
  const [dtype, order] = [field(/'descr': *'([^']+)'/), field(/'fortran_order': *(\w+)/)];
  const sides = field(/'shape': *\(([^)]*)\)/)
    .split(",")
    .map((side) => side.trim())
    .filter(Boolean);
  const found = `${dtype} [${sides.join()}]${order === "True" ? " in Fortran order" : ""}`;
  if (dtype !== "<f4" || order !== "False" || sides.join() !== shape.join())
    throw bad(`an array of ${found}; <f4 [${shape.join()}] is expected`);
  const byteLength = shape.reduce((product, side) => product * side, Float32Array.BYTES_PER_ELEMENT);
  if (file.byteLength !== start + byteLength)
    throw bad(`has ${file.byteLength - start} bytes of voxels, its shape needs ${byteLength}`);
  const voxels = new Float32Array(bytes.slice(start).buffer);
  for (const voxel of voxels) if (!(voxel >= 0 && voxel <= 1)) throw bad(`holds ${voxel}; 0 to 1 is expected`);
  return voxels;
}
