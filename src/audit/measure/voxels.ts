import type { Arena } from "../../kernels/arena.ts";
import type { Row } from "../../model/row.ts";
import { decodeSlices } from "../../slices/decode-slices.ts";
import { loadSharp } from "../../slices/load-sharp.ts";
import { keepCommonShape } from "../../volume/stack.ts";
import type { Voxels } from "./gray-cube.ts";

/** A preview is a montage of so many slices along each side. */
const TILES = 3;

/** The bytes of a cell that holds them as they are, or as the `bytes` of a struct. */
export function bytesOfCell(cell: unknown): Uint8Array | null {
  if (cell instanceof Uint8Array) return cell;
  const { bytes } = Object(cell) as { bytes?: unknown };
  return bytes instanceof Uint8Array ? bytes : null;
}

/** A row's slices: of its volume, else of its slices, else the few of its preview; null where it has none of them. */
export async function voxelsOf(row: Row, arena: Arena): Promise<Voxels | null> {
  const volume = bytesOfCell(row.volume);
  if (volume && row.volume_shape) return ofVolume(volume, row.volume_shape, row.volume_dtype);
  if (row.slices && row.slices.length > 0) return ofSlices(row.slices, arena);
  const preview = bytesOfCell(row.preview);
  return preview ? ofPreview(preview) : null;
}

function ofVolume(bytes: Uint8Array, shape: readonly number[], dtype: Row["volume_dtype"]): Voxels | null {
  const [count = 0, height = 0, width = 0] = shape.slice(-3);
  const shaped = { count, height, width, isWhole: shape.length === 3 };
  const cells = dtype === "float32" ? floats(bytes) : dtype === "float16" ? halves(bytes) : bytes;
  if (count * height * width === 0 || cells.length < count * height * width) return null;
  return { ...shaped, cells, gray: dtype === "float16" ? halfTable() : dtype === "float32" ? 255 : 1 };
}

/** A copy where the bytes do not lie on a number's border. */
const aligned = (bytes: Uint8Array, size: number) => (bytes.byteOffset % size === 0 ? bytes : bytes.slice());

function floats(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 4);
  return new Float32Array(buffer, byteOffset, byteLength >> 2);
}

function halves(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 2);
  return new Uint16Array(buffer, byteOffset, byteLength >> 1);
}

let table: Uint8Array | undefined;
/** Of every half there is, as an 8-bit volume has it: small enough for the nearest cache. Made at the first use. */
function halfTable(): Uint8Array {
  table ??= Uint8Array.from({ length: 1 << 16 }, (_, bits) => Math.round(half(bits)));
  return table;
}

/** A voxel of 0..1 in half precision, in 0..255. */
function half(bits: number): number {
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  return 255 * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

async function ofSlices(images: NonNullable<Row["slices"]>, arena: Arena): Promise<Voxels | null> {
  try {
    const { slices } = await decodeSlices(
      images.flatMap(({ bytes }) => bytes ?? []),
      arena,
    );
    if (slices.every((slice) => slice === null)) return null;
    const { count, height, width, slice } = keepCommonShape(slices).stack;
    const cells = new Uint8Array(count * height * width);
    for (let z = 0; z < count; z++) cells.set(slice(z), z * height * width);
    return { count, height, width, cells, gray: 1, isWhole: true };
  } finally {
    arena.clear();
  }
}

async function ofPreview(bytes: Uint8Array): Promise<Voxels | null> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
  const [height, width] = [Math.floor(info.height / TILES), Math.floor(info.width / TILES)];
  if (height === 0 || width === 0) return null;
  const count = TILES * TILES;
  const cells = new Uint8Array(count * height * width);
  for (let z = 0; z < count; z++)
    for (let y = 0; y < height; y++) {
      const start = ((Math.floor(z / TILES) * height + y) * info.width + (z % TILES) * width) * info.channels;
      for (let x = 0; x < width; x++) cells[(z * height + y) * width + x] = data[start + x * info.channels]!;
    }
  return { count, height, width, cells, gray: 1, isWhole: false };
}
