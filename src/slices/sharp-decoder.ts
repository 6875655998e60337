import sharp from "sharp";
import { firstChannel, lumaOfCmyk, lumaOfRgb, lumaOfWideGray, lumaOfWideRgb } from "./luma.ts";
import { isPng, pngColourType } from "./png-guard.ts";
import type { Slice, SliceDecoder } from "./slice-decoder.ts";

// One image a call and a thread a call: many slices are decoded side by side, none of them twice.
sharp.cache(false);
sharp.concurrency(1);

/** Twice Pillow's own limit, where it too refuses an image as a decompression bomb. */
export const MAX_SLICE_PIXELS = 178_956_970;
/** What Pillow reads of what libvips reads; SVG, for one, it does not. */
const FORMATS = new Set(["jpeg", "png", "webp", "gif", "tiff", "heif"]);
const GRAY_ALPHA = 4;

/** Any image that Pillow and libvips both read, with Pillow's pixels; the content decides, not the name. */
export const sharpDecoder: SliceDecoder = {
  name: "sharp",
  async decode(bytes: Uint8Array): Promise<Slice | null> {
    try {
      return await decode(bytes);
    } catch {
      return null;
    }
  },
};

async function decode(bytes: Uint8Array): Promise<Slice | null> {
  const png = isPng(bytes);
  const colourType = png ? pngColourType(bytes) : -1;
  if (colourType === undefined) return null;
  const image = () =>
    sharp(bytes, {
      failOn: png ? "truncated" : "error",
      ignoreIcc: true,
      limitInputPixels: false,
      sequentialRead: true,
    });
  const { format, space, depth, channels = 0, width = 0, height = 0 } = await image().metadata();
  if (!format || !FORMATS.has(format) || width * height > MAX_SLICE_PIXELS) return null;
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
    const values = new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    return sliceOf(info, (count) =>
      channels < 3
        ? lumaOfWideGray(values, info.channels, count, colourType === GRAY_ALPHA)
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
