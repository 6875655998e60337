import { takeQuantisers, takeTables } from "./jpeg-head.ts";

const [TEM, DHT, DAC, RST0, RST7, EOI, SOS, DQT] = [0x01, 0xc4, 0xcc, 0xd0, 0xd7, 0xd9, 0xda, 0xdb];
const [DNL, DRI, APP0, APP2, APP13, APP14, APP15, COM] = [0xdc, 0xdd, 0xe0, 0xe2, 0xed, 0xee, 0xef, 0xfe];
const [SOF0, SOF1, SOF2, SOF9, SOF10] = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];
/** The kinds that libjpeg decodes. */
const FRAMES: ReadonlySet<number> = new Set([SOF0, SOF1, SOF2, SOF9, SOF10]);
/** How much of a file Pillow hands out at first; arithmetic coding has no way to ask for more. */
const FIRST_PIECE = 65_536;

/**
 * Whether Pillow reads a JPEG from its start to its end. libvips stops with the last row; Pillow follows the markers up to
 * EOI, and refuses a file where one of them cannot be there. Where the file ends first, the decoder decides.
 */
export function chainHolds(file: Uint8Array): boolean {
  if (file[2] !== 0xff) return false;
  let frame: Frame | undefined;
  let scan: Scan | undefined;
  for (let at = 2; (at = nextMarker(file, at)) < file.length; ) {
    const marker = file[at]!;
    if (frame?.arithmetic && scan && at >= FIRST_PIECE) return false;
    if (marker === EOI) return scan !== undefined;
    at += 1;
    if (marker === TEM && !scan) return false;
    if (marker === TEM || (marker >= RST0 && marker <= RST7)) continue;
    const length = (file[at]! << 8) | file[at + 1]!;
    const [start, end] = [at + 2, at + Math.max(2, length)];
    if (!scan && (end > file.length || !metadataHolds(marker, file.subarray(start, end)))) return false;
    if (FRAMES.has(marker)) {
      if (frame) return false;
      frame = frameOf(marker, file[start + 5]!);
    } else if (marker === SOS) {
      if (!frame || (scan && !scan.oneOfSeveral)) return false;
      scan ??= { oneOfSeveral: frame.progressive || file[start]! < frame.components };
    } else if (!mayFollow(file, { marker, start, end, length })) return false;
    at = end;
  }
  return scan !== undefined;
}

interface Frame {
  readonly components: number;
  readonly progressive: boolean;
  readonly arithmetic: boolean;
}
interface Scan {
  readonly oneOfSeveral: boolean;
}

const frameOf = (marker: number, components: number): Frame => ({
  components,
  progressive: marker === SOF2 || marker === SOF10,
  arithmetic: marker === SOF9 || marker === SOF10,
});

/** What Pillow itself reads of a header's segments, and fails at where they are short. */
function metadataHolds(marker: number, data: Uint8Array): boolean {
  const begins = (name: string) => name === String.fromCharCode(...data.subarray(0, name.length));
  if (marker === APP0) return data.length >= 7 || !begins("JFIF");
  if (marker === APP2) return data.length >= 14 || !begins("ICC_PROFILE\0");
  if (marker === APP13) return !begins("Photoshop 3.0\0") || resourcesHold(data);
  if (marker === APP14) return data.length >= 7 || !begins("Adobe");
  return true;
}

/** Photoshop's resources; one that ends before the length of its name is what Pillow trips over. */
function resourcesHold(data: Uint8Array): boolean {
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 14; view.toString("latin1", at, at + 4) === "8BIM"; ) {
    const name = at + 6;
    if (name === view.length) return false;
    let size = name + 1 + (view[name] ?? 0);
    size += size & 1;
    if (name > view.length || size + 4 > view.length) return true;
    at = size + 4 + view.readUInt32BE(size);
    at += at & 1;
  }
  return true;
}

/** The code of the next marker: anything else is passed over, as are fill bytes and zeros that were stuffed in. */
function nextMarker(file: Uint8Array, from: number): number {
  let at = file.indexOf(0xff, from);
  while (at >= 0) {
    while (file[at] === 0xff) at += 1;
    if (file[at] !== 0) return at;
    at = file.indexOf(0xff, at);
  }
  return file.length;
}

interface Followed {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

function mayFollow(file: Uint8Array, { marker, start, end, length }: Followed): boolean {
  if (marker === DRI) return length === 4;
  if (marker === DQT) return takeQuantisers(file, start, end, new Map());
  if (marker === DHT) return takeTables(file, start, end, new Map());
  if (marker === DAC) return conditionsHold(file.subarray(start, end));
  return marker === DNL || marker === COM || (marker >= APP0 && marker <= APP15);
}

/** Pairs of a table's number and its bounds, of which the lower is not above the upper. */
function conditionsHold(data: Uint8Array): boolean {
  for (let at = 0; at + 1 < data.length; at += 2)
    if (data[at]! > 31 || (data[at]! < 16 && (data[at + 1]! & 15) > data[at + 1]! >> 4)) return false;
  return data.length % 2 === 0;
}
