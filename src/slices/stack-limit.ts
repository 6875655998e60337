import { EtlError } from "../errors.ts";
import { imageHead } from "./image-head.ts";
import { loadSharp } from "./load-sharp.ts";

/** Twice Pillow's own limit, where it too refuses an image as a decompression bomb. */
export const MAX_SLICE_PIXELS = 178_956_970;
/** That many gray pixels, or RGB of 9459 × 9459: several times as much is in memory while one is decoded. */
export const MAX_SLICE_BYTES = 1 << 28;
/** A thousand slices of 1024 × 1024, all of them in memory at once; the largest series in use have half as many pixels. */
export const MAX_STACK_PIXELS = 1 << 30;
/** Those in RGBA: what decoding all of them goes through, however little of it is left. */
export const MAX_STACK_BYTES = 2 ** 32;

/** How much an image is once it is decoded, before its luma is taken. */
export interface DecodedSize {
  readonly pixels: number;
  readonly bytes: number;
}

export const fits = ({ pixels, bytes }: DecodedSize) => pixels <= MAX_SLICE_PIXELS && bytes <= MAX_SLICE_BYTES;

/** Throws "limit-exceeded" where the slices' headers declare more than a volume may have, before a pixel is decoded. */
export async function checkStack(slices: readonly Uint8Array[]): Promise<void> {
  const sizes = await Promise.all(slices.map(async (slice) => declaredSize(slice) ?? (await sharpSize(slice))));
  // Such a slice is not decoded at all.
  const decoded = sizes.filter(fits);
  if (decoded.length === 0 && sizes.length > 0)
    throw new EtlError(
      "limit-exceeded",
      `every slice declares more than ${MAX_SLICE_PIXELS} pixels, or ${MAX_SLICE_BYTES} bytes of them`,
    );
  const pixels = decoded.reduce((total, size) => total + size.pixels, 0);
  if (pixels > MAX_STACK_PIXELS)
    throw new EtlError("limit-exceeded", `the slices declare ${pixels} pixels, more than ${MAX_STACK_PIXELS}`);
  const bytes = decoded.reduce((total, size) => total + size.bytes, 0);
  if (bytes > MAX_STACK_BYTES)
    throw new EtlError("limit-exceeded", `the slices declare ${bytes} bytes of pixels, more than ${MAX_STACK_BYTES}`);
}

/** As the header of a JPEG or PNG has it; undefined for any other file. */
export function declaredSize(file: Uint8Array): DecodedSize | undefined {
  const head = imageHead(file);
  if (!head) return undefined;
  const pixels = head.width * head.height;
  const palette = head.format === "png" && head.colourType === PALETTE;
  // Samples of less than a byte fill one each, and a palette's index becomes its colour.
  const samples = palette ? 3 : Math.max(1, head.channels);
  return { pixels, bytes: pixels * samples * Math.max(1, Math.ceil(head.depth / 8)) };
}

const PALETTE = 3;

/** Of what no head tells; nothing where sharp cannot tell either, and so nothing is decoded. */
async function sharpSize(file: Uint8Array): Promise<DecodedSize> {
  const sharp = await loadSharp();
  try {
    return sizeOf(await sharp(file, { limitInputPixels: false }).metadata());
  } catch {
    return { pixels: 0, bytes: 0 };
  }
}

interface Metadata {
  readonly width?: number;
  readonly height?: number;
  readonly channels?: number;
  readonly depth?: string;
}

export function sizeOf({ width = 0, height = 0, channels = 0, depth }: Metadata): DecodedSize {
  const pixels = width * height;
  return { pixels, bytes: pixels * channels * (depth === "uchar" ? 1 : 2) };
}
