import { promisify } from "node:util";
import { crc32, deflateSync, inflate, inflateSync } from "node:zlib";
import { type Chunk, isPng, pngChunks, pngHead } from "./image-head.ts";
import { MAX_SLICE_BYTES } from "./stack-limit.ts";

const inflated = promisify(inflate);

/** What Pillow lets a compressed text or profile grow to. */
const MAX_TEXT_BYTES = 1 << 20;
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
    // Of several chunks, Pillow may be done before the last, and reads that one as any other behind the pixels.
    if (type === "IDAT" && !(pixels && (before !== type || chunk.cut))) pixels = true;
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
    inflateSync(data, { maxOutputLength: MAX_TEXT_BYTES });
    return false;
  } catch (error) {
    return codeOf(error) === "ERR_BUFFER_TOO_LARGE";
  }
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);

/**
 * A PNG as libpng must have it: undefined where the compressed rows are damaged, even behind the last that libpng asks for;
 * with another end where the file is cut off right behind them.
 */
export async function wholePng(file: Uint8Array): Promise<Uint8Array | undefined> {
  const run: Chunk[] = [];
  let next: string | undefined;
  for (const chunk of pngChunks(file)) {
    if (chunk.type === "IDAT") run.push(chunk);
    else if (run.length > 0) {
      next = chunk.type;
      break;
    }
  }
  const last = run.at(-1);
  const head = pngHead(file);
  if (!last || !head || !isPng(file)) return undefined;
  const data = run.map((chunk) => chunk.data);
  // A row has a byte for its filter, and no image has more rows than pixels.
  const answer = await inflated(Buffer.concat(data), { maxOutputLength: 2 * MAX_SLICE_BYTES }).catch(codeOf);
  // A stream that only ends too early is the decoder's to judge.
  if (typeof answer === "string") return answer === "Z_BUF_ERROR" ? file : undefined;
  if (next !== undefined || last.sound()) return file;
  const wanted = head.height * (1 + Math.ceil((head.width * head.channels * head.depth) / 8));
  const interlaced = file[28] !== 0;
  if (interlaced || answer.length < wanted) return undefined;
  const start = data[0]!.byteOffset - file.byteOffset - 8;
  const rows = deflateSync(answer.subarray(0, wanted), { level: 1 });
  return Buffer.concat([file.subarray(0, start), chunkOf("IDAT", rows), chunkOf("IEND", Buffer.alloc(0))]);
}

function chunkOf(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, -4)), 8 + data.length);
  return out;
}
