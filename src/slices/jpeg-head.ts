import { jpegFrame, jpegSegments } from "./image-head.ts";

/** Where a baseline gray JPEG keeps what its one scan is decoded with: offsets into the file. */
export interface JpegHead {
  readonly height: number;
  readonly width: number;
  /** 64 steps of the quantiser. */
  readonly quantiser: number;
  /** The two Huffman tables: 16 counts, then the symbols. */
  readonly dc: Table;
  readonly ac: Table;
  /** The first byte of the scan's data. */
  readonly scan: number;
}
interface Table {
  readonly at: number;
  /** Bytes from there to the end of its segment. */
  readonly available: number;
}

/** Larger slices are not to be expected, and go the general way. */
export const MAX_SIDE = 4096;
const [SOF0, DHT, SOS, DQT, DRI, COM] = [0xc0, 0xc4, 0xda, 0xdb, 0xdd, 0xfe];
const [APP0, APP1, APP2, APP13, APP14, APP15] = [0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xef];
/** The shortest JFIF, ICC and Adobe segments that Pillow's parser accepts; of Photoshop's it refuses some of any length. */
const SHORTEST: Readonly<Record<number, number>> = { [APP0]: 16, [APP2]: 16, [APP13]: Infinity, [APP14]: 14 };
/** The first letters of Exif and of MPF, an index of several pictures: Pillow reads into both, and refuses some. */
const READ_INTO: Readonly<Record<number, number>> = { [APP1]: 0x45, [APP2]: 0x4d };

interface Frame {
  readonly height: number;
  readonly width: number;
  readonly component: number;
  readonly quantiser: number;
}

/** The head of a baseline gray JPEG without restarts, its tables valid in form; undefined for any other, or any doubt. */
export function jpegHead(file: Uint8Array): JpegHead | undefined {
  const quantisers = new Map<number, number>();
  const tables = new Map<number, Table>();
  let frame: Frame | undefined;
  let before = 2;
  for (const { marker, start, end } of jpegSegments(file)) {
    // No fill bytes, and all of the segment.
    if (start !== before + 4 || end < start || end > file.length) return undefined;
    if (marker === SOS) return frame && headOf(file, { start, end }, frame, { quantisers, tables });
    let taken = false;
    if (marker === DQT) taken = takeQuantisers(file, start, end, quantisers);
    else if (marker === DHT) taken = takeTables(file, start, end, tables);
    else if (marker === SOF0) taken = !frame && Boolean((frame = frameOf(file, start, end)));
    else if (marker === DRI) taken = end - start === 2 && file[start] === 0 && file[start + 1] === 0;
    else if (marker === COM) taken = true;
    else if (marker >= APP0 && marker <= APP15)
      taken = end - start + 2 >= (SHORTEST[marker] ?? 2) && file[start] !== READ_INTO[marker];
    if (!taken) return undefined;
    before = end;
  }
  return undefined;
}

/** 8 bits a sample, one component that is not subsampled. */
function frameOf(file: Uint8Array, start: number, end: number): Frame | undefined {
  const head = jpegFrame(file, start);
  const [component, sampling, quantiser] = file.subarray(start + 6, end);
  if (end - start !== 9 || head?.depth !== 8 || head.channels !== 1 || sampling !== 0x11) return undefined;
  const { height, width } = head;
  if (height === 0 || width === 0 || height > MAX_SIDE || width > MAX_SIDE) return undefined;
  return { height, width, component: component!, quantiser: quantiser! };
}

/** Tables of 8-bit steps; those of 16 bits are not taken. */
export function takeQuantisers(file: Uint8Array, start: number, end: number, quantisers: Map<number, number>): boolean {
  for (let at = start; at < end; at += 65) {
    if (file[at]! > 3 || at + 65 > end) return false;
    quantisers.set(file[at]!, at + 1);
  }
  return true;
}

export function takeTables(file: Uint8Array, start: number, end: number, tables: Map<number, Table>): boolean {
  for (let at = start; at < end; ) {
    const name = file[at]!;
    if ((name & 15) > 3 || name > 0x1f || at + 17 > end) return false;
    const symbols = file.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    if (symbols > 256 || at + 17 + symbols > end) return false;
    tables.set(name, { at: at + 1, available: 16 + symbols });
    at += 17 + symbols;
  }
  return true;
}

/** One scan of the one component, over all coefficients at once. */
function headOf(
  file: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  { height, width, component, quantiser: name }: Frame,
  { quantisers, tables }: { quantisers: ReadonlyMap<number, number>; tables: ReadonlyMap<number, Table> },
): JpegHead | undefined {
  const [components, of, names, first, last, approximation] = file.subarray(start, end);
  if (end - start !== 6 || components !== 1 || of !== component) return undefined;
  if (first !== 0 || last !== 63 || approximation !== 0) return undefined;
  const [quantiser, dc, ac] = [quantisers.get(name), tables.get(names! >> 4), tables.get(0x10 | (names! & 15))];
  return quantiser && dc && ac ? { height, width, quantiser, dc, ac, scan: end } : undefined;
}
