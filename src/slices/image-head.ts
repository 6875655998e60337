import { crc32 } from "node:zlib";

/** What an image says of itself before its pixels. It may be wrong: who decodes the image finds out. */
export type ImageHead = JpegImageHead | PngImageHead;
interface Shape {
  readonly height: number;
  readonly width: number;
  /** Samples a pixel, as they are stored: a palette's index is one. */
  readonly channels: number;
  /** Bits a sample. */
  readonly depth: number;
}
export interface JpegImageHead extends Shape {
  readonly format: "jpeg";
}
export interface PngImageHead extends Shape {
  readonly format: "png";
  /** As the PNG specification numbers them. */
  readonly colourType: number;
}

/** A JPEG's segment: `end` is where its own length leads, which may be anywhere. */
export interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}
export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** The file ends before its data do. */
  readonly cut: boolean;
  /** It is whole, and its checksum right. */
  sound(): boolean;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const FIRST_SIDE = 16;
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const [SOF0, DHT, JPG, DAC, SOF15, SOI] = [0xc0, 0xc4, 0xc8, 0xcc, 0xcf, 0xd8];

/** The head of a JPEG or PNG; undefined for any other file, and where it cannot be told: sharp's metadata is for those. */
export function imageHead(file: Uint8Array): ImageHead | undefined {
  if (isPng(file)) return pngHead(file);
  for (const { marker, start } of jpegSegments(file))
    if (marker >= SOF0 && marker <= SOF15 && marker !== DHT && marker !== JPG && marker !== DAC)
      return jpegFrame(file, start);
  return undefined;
}

export const isJpeg = (file: Uint8Array) => file[0] === 0xff && file[1] === SOI;
export const isPng = (file: Uint8Array) => file.byteLength > 8 && SIGNATURE.equals(file.subarray(0, 8));

/** What stands where the first chunk's is, whatever that is called: a limit counts even what nothing decodes. */
export function pngHead(file: Uint8Array): PngImageHead | undefined {
  if (file.byteLength < FIRST_SIDE + 8) return undefined;
  const view = bufferOf(file);
  const [width, height] = [view.readUInt32BE(FIRST_SIDE), view.readUInt32BE(FIRST_SIDE + 4)];
  const [depth = 0, colourType = -1] = view.subarray(FIRST_SIDE + 8);
  return { format: "png", height, width, channels: CHANNELS[colourType] ?? 0, depth, colourType };
}

/** Of a frame header's data. */
export function jpegFrame(file: Uint8Array, start: number): JpegImageHead | undefined {
  const [depth, y1, y0, x1, x0, channels = 0] = file.subarray(start, start + 6);
  if (x0 === undefined) return undefined;
  return { format: "jpeg", height: (y1! << 8) | y0!, width: (x1! << 8) | x0, channels, depth: depth! };
}

/** As far as one leads to the next, over fill bytes; none of another file. */
export function* jpegSegments(file: Uint8Array): Generator<Segment, void> {
  if (!isJpeg(file)) return;
  for (let at = 2; at + 4 <= file.length && file[at] === 0xff; ) {
    const marker = file[at + 1]!;
    const end = at + 2 + ((file[at + 2]! << 8) | file[at + 3]!);
    if (marker !== 0xff) yield { marker, start: at + 4, end };
    at = marker === 0xff ? at + 1 : end;
  }
}

/** As far as one leads to the next; none of another file. */
export function* pngChunks(file: Uint8Array): Generator<Chunk, void> {
  const view = bufferOf(file);
  for (let at = isPng(file) ? 8 : view.length; at + 8 <= view.length; ) {
    const end = at + 12 + view.readUInt32BE(at);
    const typed = view.subarray(at + 4, end - 4);
    const sound = () => end <= view.length && crc32(typed) === view.readUInt32BE(end - 4);
    yield { type: typed.toString("latin1", 0, 4), data: typed.subarray(4), cut: end - 4 > view.length, sound };
    at = end;
  }
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);
