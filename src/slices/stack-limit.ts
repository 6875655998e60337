import { EtlError } from "../errors.ts";
import { imageHead } from "./image-head.ts";
import { loadSharp } from "./load-sharp.ts";
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
  const head = imageHead(bytes);
  if (head) return head.width * head.height;
  const sharp = await loadSharp();
  try {
    const { width = 0, height = 0 } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return width * height;
  } catch {
    return 0;
  }
}
