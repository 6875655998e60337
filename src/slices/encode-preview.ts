import { loadSharp } from "./load-sharp.ts";
import type { Slice } from "./slice-decoder.ts";

/** Good enough to see what a series shows, at some 10 kB. */
const QUALITY = 80;

/** A gray JPEG; the same pixels give the same bytes. */
export async function encodePreview({ pixels, height, width }: Slice): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .jpeg({ quality: QUALITY })
    .toBuffer();
}
