import { crc32 } from "node:zlib";
import { MAX_SIDE } from "./jpeg-head.ts";
import { isPng } from "./png-guard.ts";

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
  if (!isPng(file)) return undefined;
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const data: Uint8Array[] = [];
  let head: Omit<PngParts, "palette" | "data"> | undefined;
  let palette: Uint8Array = new Uint8Array();
  let before = "";
  for (let at = 8; at + 12 <= view.length; ) {
    const end = at + 12 + view.readUInt32BE(at);
    if (end > view.length || crc32(view.subarray(at + 4, end - 4)) !== view.readUInt32BE(end - 4)) return undefined;
    const [type, chunk] = [view.toString("latin1", at + 4, at + 8), view.subarray(at + 8, end - 4)];
    if (type === "IHDR") {
      if (at !== 8 || !(head = headOf(chunk))) return undefined;
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
    at = end;
  }
  return undefined;
}

const isPalette = ({ length }: Uint8Array) => length > 0 && length <= 768 && length % 3 === 0;

function headOf(chunk: Buffer): Omit<PngParts, "palette" | "data"> | undefined {
  if (chunk.length !== 13) return undefined;
  const [width, height] = [chunk.readUInt32BE(0), chunk.readUInt32BE(4)];
  const [depth, colours, compression, filter, interlace] = chunk.subarray(8);
  const kind = KINDS[colours!];
  if (!kind || depth !== 8 || compression !== 0 || filter !== 0 || interlace !== 0) return undefined;
  if (width === 0 || height === 0 || width > MAX_SIDE || height > MAX_SIDE) return undefined;
  return { height, width, kind };
}
