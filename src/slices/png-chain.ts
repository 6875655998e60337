import { inflateSync } from "node:zlib";
import { type Chunk, pngChunks, pngHead } from "./image-head.ts";

/** What Pillow lets a compressed text or profile grow to. */
const MOST_TEXT_BYTES = 1 << 20;
/** The fewest bytes that Pillow reads from a chunk; it refuses the file where there are fewer. */
const SHORTEST: Readonly<Record<string, number>> = { gAMA: 4, sRGB: 1, pHYs: 9, acTL: 8, fcTL: 26, fdAT: 4 };
/** As for tRNS, by colour type. */
const SHORTEST_KEY: Readonly<Record<number, number>> = { 0: 2, 2: 6 };
const NAME = /^\w{4}$/;

/** Whether Pillow reads a PNG's chunks, those before the pixels and those behind: libpng passes over what it cannot use. */
export function chunksHold(file: Uint8Array): boolean {
  const colourType = pngHead(file)?.colourType ?? -1;
  let [before, sequence, pixels] = ["", 0, false];
  for (const chunk of pngChunks(file)) {
    const { type, data, sound } = chunk;
    if (!before && type !== "IHDR") return false;
    // Behind the pixels, Pillow stops where there is no chunk, and has no use for checksums.
    if (!NAME.test(type)) return pixels;
    if (type === "IEND") return pixels;
    if (type === "IDAT" && (!pixels || before === "IDAT")) pixels = true;
    else if (pixels ? chunk.cut : !sound()) return false;
    else if (type === "IHDR" && before) return false;
    else if (!readable(chunk, colourType)) return false;
    if ((type === "fcTL" || type === "fdAT") && data.readUInt32BE(0) !== sequence++) return false;
    before = type;
  }
  return pixels;
}

function readable({ type, data }: Chunk, colourType: number): boolean {
  if (data.length < (SHORTEST[type] ?? 0)) return false;
  if (type === "cHRM") return data.length % 4 === 0;
  if (type === "tRNS") return data.length >= (SHORTEST_KEY[colourType] ?? 0);
  const name = data.indexOf(0);
  if (type === "iCCP") return data[name + 1] === 0 && !outgrows(data.subarray(name + 2));
  if (type === "zTXt")
    return name < 0 || name + 1 === data.length || (data[name + 1] === 0 && !outgrows(data.subarray(name + 2)));
  if (type !== "iTXt" || name < 0 || data[name + 1] === 0 || data[name + 2] !== 0) return true;
  const text = data.indexOf(0, data.indexOf(0, name + 3) + 1) + 1;
  return !outgrows(data.subarray(text));
}

function outgrows(data: Uint8Array): boolean {
  try {
    inflateSync(data, { maxOutputLength: MOST_TEXT_BYTES });
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
  }
}
