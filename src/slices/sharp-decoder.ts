import { isJpeg, isPng, pngHead } from "./image-head.ts";
import { chainHolds } from "./jpeg-chain.ts";
import { loadSharp } from "./load-sharp.ts";
import { firstChannel, lumaOfCmyk, lumaOfRgb, lumaOfWideGray, lumaOfWideRgb } from "./luma.ts";
import { chunksHold, wholePng } from "./png-chain.ts";
import type { Slice, SlowDecoder } from "./slice-decoder.ts";
import { declaredSize, fits, sizeOf } from "./stack-limit.ts";

/**
 * What Pillow reads as libvips does. Not GIF, TIFF and AVIF: transparent colours, orientation, frames cut off and the
 * arithmetic of AVIF differ, and nobody keeps slices in them but under a wrong name.
 */
const FORMATS = new Set(["jpeg", "png", "webp"]);
const GRAY_ALPHA = 4;

/** Any image that Pillow and libvips both read, with Pillow's pixels; the content decides, not the name. */
export const sharpDecoder = {
  name: "sharp",
  slow: true,
  async decode(bytes: Uint8Array): Promise<Slice | null> {
    // Outside: a machine without sharp is not a file that cannot be read.
    const sharp = await loadSharp();
    try {
      return await decode(bytes, sharp);
    } catch {
      return null;
    }
  },
} satisfies SlowDecoder;

async function decode(file: Uint8Array, sharp: Awaited<ReturnType<typeof loadSharp>>): Promise<Slice | null> {
  const png = isPng(file);
  if (png ? !chunksHold(file) : isJpeg(file) && !chainHolds(file)) return null;
  // What is too large is not inflated either.
  const declared = declaredSize(file);
  if (declared && !fits(declared)) return null;
  const bytes = png ? await wholePng(file) : file;
  if (!bytes) return null;
  const image = () =>
    sharp(bytes, {
      failOn: png ? "truncated" : "error",
      ignoreIcc: true,
      limitInputPixels: false,
      sequentialRead: true,
    });
  const metadata = await image().metadata();
  const { format, space, depth, channels = 0 } = metadata;
  if (!format || !FORMATS.has(format) || !fits(sizeOf(metadata))) return null;
  if (space === "cmyk") {
    const { data, info } = await image()
      .pipelineColourspace("cmyk")
      .toColourspace("cmyk")
      .raw()
      .toBuffer({ resolveWithObject: true });
    return sliceOf(info, (count) => lumaOfCmyk(data, count));
  }
  if (depth === "ushort") {
    const wide = channels < 3 ? "grey16" : "rgb16";
    const { data, info } = await image()
      .pipelineColourspace(wide)
      .toColourspace(wide)
      .raw({ depth: "ushort" })
      .toBuffer({ resolveWithObject: true });
    const aligned = data.byteOffset % 2 === 0 ? data : Uint8Array.from(data);
    const values = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
    return sliceOf(info, (count) =>
      channels < 3
        ? lumaOfWideGray(values, info.channels, count, png && pngHead(bytes)?.colourType === GRAY_ALPHA)
        : lumaOfWideRgb(values, info.channels, count),
    );
  }
  const plain = channels < 3 ? image().toColourspace("b-w") : image();
  const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true });
  return sliceOf(info, (count) =>
    channels < 3 ? firstChannel(data, info.channels, count) : lumaOfRgb(data, info.channels, count),
  );
}

function sliceOf({ height, width }: { height: number; width: number }, pixels: (count: number) => Uint8Array): Slice {
  return { height, width, pixels: pixels(height * width) };
}
