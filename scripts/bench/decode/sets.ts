import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { anatomy, drawSlice } from "../../../devkit/phantoms/draw.ts";
import { randomFrom } from "../../../devkit/phantoms/random.ts";

/** A volume of 200 slices, as a series of the data set commonly has. */
export const SLICES = 200;
export const SIDE = 512;
/** So many are drawn, and used again in turn. */
const DRAWN = 48;

export interface BenchSet {
  readonly name: string;
  readonly extension: "jpeg" | "png";
  /** CPU of the authors' arithmetic over ours that must be reached; none is promised for what goes the general way. */
  readonly atLeast: number | undefined;
  /** Noise up to the border: nothing is cropped. */
  readonly noisyFrame?: boolean;
  encode(pixels: Buffer): Promise<Buffer>;
}

const gray = (pixels: Buffer) => sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } });
const jpeg = (quality: number) => (pixels: Buffer) =>
  gray(pixels).toColourspace("b-w").jpeg({ quality, optimiseCoding: false }).toBuffer();
const rgb = (pixels: Buffer) => {
  const three = Buffer.alloc(pixels.length * 3);
  for (let i = 0; i < pixels.length; i++) three.fill(pixels[i]!, i * 3, i * 3 + 3);
  return sharp(three, { raw: { width: SIDE, height: SIDE, channels: 3 } });
};
const png = { adaptiveFiltering: true } as const;

export const sets: readonly BenchSet[] = [
  { name: "gray JPEG, smaller", extension: "jpeg", atLeast: 3, encode: jpeg(91) },
  { name: "gray JPEG, medium", extension: "jpeg", atLeast: 3, encode: jpeg(95) },
  { name: "gray JPEG, larger", extension: "jpeg", atLeast: 3, encode: jpeg(97) },
  { name: "gray JPEG, noisy frame", extension: "jpeg", atLeast: 3, noisyFrame: true, encode: jpeg(93) },
  {
    name: "gray PNG",
    extension: "png",
    atLeast: 3,
    encode: (pixels) => gray(pixels).toColourspace("b-w").png(png).toBuffer(),
  },
  {
    name: "palette PNG",
    extension: "png",
    atLeast: 3,
    encode: (pixels) => rgb(pixels).png({ palette: true, dither: 0, effort: 1 }).toBuffer(),
  },
  { name: "RGB PNG", extension: "png", atLeast: 2.5, encode: (pixels) => rgb(pixels).png(png).toBuffer() },
  {
    name: "progressive gray JPEG",
    extension: "jpeg",
    atLeast: undefined,
    encode: (pixels) => gray(pixels).toColourspace("b-w").jpeg({ quality: 88, progressive: true }).toBuffer(),
  },
  {
    name: "RGB JPEG",
    extension: "jpeg",
    atLeast: undefined,
    encode: (pixels) => rgb(pixels).jpeg({ quality: 88 }).toBuffer(),
  },
];

/** Draws a set into its folder; returns the mean size of a file in bytes. */
export async function drawSet({ name, extension, noisyFrame, encode }: BenchSet, folder: string): Promise<number> {
  const body = anatomy("bench");
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (let i = 0; i < SLICES; i++) {
    const file = path.join(folder, `${i + 1}.${extension}`);
    if (i >= DRAWN) {
      linkSync(path.join(folder, `${(i % DRAWN) + 1}.${extension}`), file);
      continue;
    }
    const pixels = drawSlice(body, (2 * i + 1) / DRAWN - 1, { height: SIDE, width: SIDE }, `bench ${i}`);
    if (noisyFrame) {
      const random = randomFrom(`${name} ${i}`);
      for (let at = 0; at < pixels.length; at++) if (pixels[at] === 0) pixels[at] = random() * 4;
    }
    const encoded = await encode(pixels);
    bytes += encoded.length;
    writeFileSync(file, encoded);
  }
  return bytes / DRAWN;
}
