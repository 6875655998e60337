import { crc32 } from "node:zlib";
import { MAX_MEMBERS } from "../limits.ts";
import { safe } from "./end-record.ts";

/** One entry of the central directory as it stands there. */
export interface Entry {
  readonly path: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly storedBytes: number;
  readonly byteLength: number;
  readonly disk: number;
  readonly offset: number;
}

const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const UTF8_FLAG = 0x800;
/** The upper half of code page 437, which unmarked names are in. */
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

/** Where each entry of a central directory begins, not much further than MAX_MEMBERS; undefined where it is none. */
export function entryPlaces(bytes: Buffer): number[] | undefined {
  const places: number[] = [];
  let at = 0;
  while (at < bytes.byteLength && places.length <= MAX_MEMBERS) {
    if (at + ENTRY_BYTES > bytes.byteLength || bytes.readUInt32LE(at) !== ENTRY) return undefined;
    places.push(at);
    at = extraStart(bytes, at) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    if (at > bytes.byteLength) return undefined;
  }
  return places;
}

/** The entry that begins at `at`. */
export function parseEntry(bytes: Buffer, at: number): Entry {
  const flags = bytes.readUInt16LE(at + 8);
  return {
    path: unicodePath(bytes, at) ?? decodeName(bytes, at, flags),
    flags,
    method: bytes.readUInt16LE(at + 10),
    crc32: bytes.readUInt32LE(at + 16),
    storedBytes: wide(bytes, at, 20),
    byteLength: wide(bytes, at, 24),
    disk: wide(bytes, at, 34),
    offset: offsetOf(bytes, at),
  };
}

/** Where the entry that begins at `at` says that its local header lies. */
export const offsetOf = (bytes: Buffer, at: number) => wide(bytes, at, 42);

/** Fields that have no room for large values, in the order in which ZIP64 gives these. */
const NARROW = [24, 20, 42, 34] as const;
type Narrow = (typeof NARROW)[number];

/** A field's value: its own, or where that is full the one in the ZIP64 extra field, if it is there. */
function wide(bytes: Buffer, at: number, field: Narrow): number {
  const own = narrow(bytes, at, field);
  if (!isFull(own, field)) return own;
  const extra = findExtra(bytes, at, 0x0001);
  if (!extra) return own;
  let place = extra.start;
  for (const before of NARROW) {
    const size = before === 34 ? 4 : 8;
    if (before === field) {
      if (place + size > extra.end) return own;
      return size === 4 ? bytes.readUInt32LE(place) : safe(bytes.readBigUInt64LE(place));
    }
    if (isFull(narrow(bytes, at, before), before) && place + size <= extra.end) place += size;
  }
  return own;
}

const narrow = (bytes: Buffer, at: number, field: Narrow) =>
  field === 34 ? bytes.readUInt16LE(at + field) : bytes.readUInt32LE(at + field);
const isFull = (value: number, field: Narrow) => value === (field === 34 ? 0xffff : 0xffffffff);

const extraStart = (bytes: Buffer, at: number) => at + ENTRY_BYTES + bytes.readUInt16LE(at + 28);

/** The body of the last extra field of this kind, which may be cut short by the end of them all. */
function findExtra(bytes: Buffer, entry: number, kind: number): { start: number; end: number } | undefined {
  let at = extraStart(bytes, entry);
  const end = at + bytes.readUInt16LE(entry + 30);
  let found: { start: number; end: number } | undefined;
  while (at + 4 <= end) {
    const next = at + 4 + bytes.readUInt16LE(at + 2);
    if (bytes.readUInt16LE(at) === kind) found = { start: at + 4, end: Math.min(next, end) };
    at = next;
  }
  return found;
}

/** The Unicode path counts if it is of this name. */
function unicodePath(bytes: Buffer, at: number): string | undefined {
  const extra = findExtra(bytes, at, 0x7075);
  if (!extra || extra.end - extra.start <= 5 || bytes[extra.start] !== 1) return undefined;
  const name = bytes.subarray(at + ENTRY_BYTES, extraStart(bytes, at));
  return bytes.readUInt32LE(extra.start + 1) === crc32(name)
    ? bytes.toString("utf8", extra.start + 5, extra.end)
    : undefined;
}

function decodeName(bytes: Buffer, at: number, flags: number): string {
  const [start, end] = [at + ENTRY_BYTES, extraStart(bytes, at)];
  if (flags & UTF8_FLAG) return bytes.toString("utf8", start, end);
  const name = bytes.toString("latin1", start, end);
  return name.replace(/[\x80-\xff]/g, (character) => CP437[character.charCodeAt(0) - 0x80]!);
}
