import { MAX_MEMBERS } from "../limits.ts";
import { plainName } from "../member-name.ts";
import { ENTRY, safe } from "./end-record.ts";
import { findExtra, nameOf, type RawName } from "./names.ts";

/** One entry of the central directory as it stands there, but for its name, which is made plain. */
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

const ENTRY_BYTES = 46;

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
    path: plainName(nameOf(rawNameOf(bytes, at))),
    flags,
    method: bytes.readUInt16LE(at + 10),
    crc32: bytes.readUInt32LE(at + 16),
    storedBytes: wide(bytes, at, 20),
    byteLength: wide(bytes, at, 24),
    disk: wide(bytes, at, 34),
    offset: offsetOf(bytes, at),
  };
}

/** The name of the entry that begins at `at`, byte for byte. */
export function rawNameOf(bytes: Buffer, at: number): RawName {
  return {
    bytes: bytes.subarray(at + ENTRY_BYTES, extraStart(bytes, at)),
    extra: extraOf(bytes, at),
    flags: bytes.readUInt16LE(at + 8),
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
  const extra = findExtra(extraOf(bytes, at), 0x0001);
  if (!extra) return own;
  let place = 0;
  for (const before of NARROW) {
    const size = before === 34 ? 4 : 8;
    if (before === field) {
      if (place + size > extra.byteLength) return own;
      return size === 4 ? extra.readUInt32LE(place) : safe(extra.readBigUInt64LE(place));
    }
    if (isFull(narrow(bytes, at, before), before) && place + size <= extra.byteLength) place += size;
  }
  return own;
}

const narrow = (bytes: Buffer, at: number, field: Narrow) =>
  field === 34 ? bytes.readUInt16LE(at + field) : bytes.readUInt32LE(at + field);
const isFull = (value: number, field: Narrow) => value === (field === 34 ? 0xffff : 0xffffffff);

function extraOf(bytes: Buffer, at: number): Buffer {
  const start = extraStart(bytes, at);
  return bytes.subarray(start, start + bytes.readUInt16LE(at + 30));
}

const extraStart = (bytes: Buffer, at: number) => at + ENTRY_BYTES + bytes.readUInt16LE(at + 28);
