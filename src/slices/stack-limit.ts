import sharp from "sharp";
import { EtlError } from "../errors.ts";
import { isPng } from "./png-guard.ts";
import { MAX_SLICE_PIXELS } from "./sharp-decoder.ts";

/** A thousand slices of 1024 × 1024, all of them in memory at once; the largest series in use have half as many pixels. */
export const MAX_STACK_PIXELS = 1 << 30;

/** Throws "limit-exceeded" where the slices' headers declare more than a volume may have, before a pixel is decoded. */
export async function checkStack(slices: readonly Uint8Array[]): Promise<void> {
  const pixels = await Promise.all(slices.map(declaredPixels));
  // Such a slice is not decoded at all.
  const decoded = pixels.filter((count) => count <= MAX_SLICE_PIXELS);
  if (decoded.length === 0 && pixels.length > 0)
    throw new EtlError("limit-exceeded", `every slice declares more than ${MAX_SLICE_PIXELS} pixels`);
  const sum = decoded.reduce((total, count) => total + count, 0);
  if (sum > MAX_STACK_PIXELS)
    throw new EtlError("limit-exceeded", `the slices declare ${sum} pixels, more than ${MAX_STACK_PIXELS}`);
}

/** Width × height as the header has them; 0 where there is none to be read, and nothing that could be decoded. */
async function declaredPixels(bytes: Uint8Array): Promise<number> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isPng(bytes)) return view.byteLength < 24 ? 0 : view.readUInt32BE(16) * view.readUInt32BE(20);
  const known = jpegPixels(view);
  if (known !== undefined) return known;
  try {
    const { width = 0, height = 0 } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return width * height;
  } catch {
    return 0;
  }
}

/** Of the frame header, to which a JPEG's segments lead; undefined where they do not. */
function jpegPixels(view: Buffer): number | undefined {
  if (view.byteLength < 4 || view.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= view.byteLength && view[at] === 0xff; ) {
    const marker = view[at + 1]!;
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return view.readUInt16BE(at + 5) * view.readUInt16BE(at + 7);
    else at += 2 + view.readUInt16BE(at + 2);
  }
  return undefined;
}
