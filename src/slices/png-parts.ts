import { pngChunks, pngHead } from "./image-head.ts";
import { MAX_SIDE } from "./jpeg-head.ts";

/** What an 8-bit PNG that is neither interlaced nor transparent is made of. */
export interface PngParts {
  readonly height: number;
  readonly width: number;
  /** Gray, RGB or palette. */
  readonly kind: "gray" | "rgb" | "palette";
  /** Colours of three bytes; empty where there is none. */
  readonly palette: Uint8Array;
  /** The compressed rows. */
  readonly data: Uint8Array;
}

const KINDS: Readonly<Record<number, PngParts["kind"]>> = { 0: "gray", 2: "rgb", 3: "palette" };
/** Chunks that change no pixel and that Pillow reads without complaint, and how long each is where that is fixed. */
const HARMLESS: Readonly<Record<string, number | undefined>> = {
  gAMA: 4,
  cHRM: 32,
  sRGB: 1,
  pHYs: 9,
  tIME: 7,
  sBIT: undefined,
  bKGD: undefined,
  tEXt: undefined,
  eXIf: undefined,
};

/** The parts of such a PNG whose every checksum is right and that is whole; undefined for any other, or any doubt. */
export function pngParts(file: Uint8Array): PngParts | undefined {
  const data: Uint8Array[] = [];
  let head: Omit<PngParts, "palette" | "data"> | undefined;
  let palette: Uint8Array = new Uint8Array();
  let before = "";
  for (const { type, data: chunk, sound } of pngChunks(file)) {
    if (!sound()) return undefined;
    if (type === "IHDR") {
      if (before || !(head = headOf(file, chunk))) return undefined;
    } else if (!head) return undefined;
    else if (type === "IDAT") {
      // The data are one run of chunks, none of them empty.
      if (chunk.length === 0 || (data.length > 0 && before !== "IDAT")) return undefined;
      data.push(chunk);
    } else if (type === "PLTE") {
      if (palette.length > 0 || data.length > 0 || !isPalette(chunk) || head.kind === "gray") return undefined;
      palette = chunk;
    } else if (type === "IEND") {
      if (chunk.length > 0 || data.length === 0 || (head.kind === "palette" && palette.length === 0)) return undefined;
      return { ...head, palette, data: data.length === 1 ? data[0]! : Buffer.concat(data) };
    } else if (!(type in HARMLESS) || chunk.length !== (HARMLESS[type] ?? chunk.length)) return undefined;
    before = type;
  }
  return undefined;
}

const isPalette = ({ length }: Uint8Array) => length > 0 && length <= 768 && length % 3 === 0;

function headOf(file: Uint8Array, chunk: Uint8Array): Omit<PngParts, "palette" | "data"> | undefined {
  const head = pngHead(file);
  const [compression, filter, interlace] = chunk.subarray(10);
  if (chunk.length !== 13 || head?.depth !== 8) return undefined;
  const [{ height, width }, kind] = [head, KINDS[head.colourType]];
  if (!kind || compression !== 0 || filter !== 0 || interlace !== 0) return undefined;
  if (width === 0 || height === 0 || width > MAX_SIDE || height > MAX_SIDE) return undefined;
  return { height, width, kind };
}
