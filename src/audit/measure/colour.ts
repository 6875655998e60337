import type { Row } from "../../model/row.ts";
import { imageHead } from "../../slices/image-head.ts";
import { loadSharp } from "../../slices/load-sharp.ts";
import { declaredSize, fits } from "../../slices/stack-limit.ts";

/** Of a series so many slices are looked at, at even distances from each other and from the ends. */
const LOOKED_AT = 3;
/** Each brought down to so many pixels a side: a coloured line of one pixel is still there. */
const SIDE = 128;
/** Gray levels by which red, green and blue must differ: JPEG tints gray by a few. */
const TINT = 24;
const PALETTE = 3;

/** The largest share of coloured pixels in a few of a series' own slices; null where it has none of its own. */
export async function colourShare(slices: Row["slices"]): Promise<number | null> {
  if (!slices || slices.length === 0) return null;
  let most = 0;
  for (let nth = 1; nth <= LOOKED_AT; nth++) {
    const bytes = slices[Math.floor((nth * slices.length) / (LOOKED_AT + 1))]!.bytes;
    if (bytes && mayHaveColour(bytes)) most = Math.max(most, await shareOf(bytes));
  }
  return most;
}

/** Most are stored as gray, and cost no more than a look at their head. */
function mayHaveColour(file: Uint8Array): boolean {
  const [head, size] = [imageHead(file), declaredSize(file)];
  if (!head || !size || !fits(size)) return false;
  return head.channels > 2 || (head.format === "png" && head.colourType === PALETTE);
}

/** 0 for what cannot be decoded: that is another detector's. */
async function shareOf(file: Uint8Array): Promise<number> {
  const sharp = await loadSharp();
  const small = sharp(file, { failOn: "none" }).resize(SIDE, SIDE, { fit: "fill", kernel: "nearest" });
  const pixels = await small
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer()
    .catch(() => new Uint8Array());
  let coloured = 0;
  for (let at = 0; at + 2 < pixels.length; at += 3) {
    const [red, green, blue] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > TINT) coloured += 1;
  }
  return coloured / (SIDE * SIDE);
}
