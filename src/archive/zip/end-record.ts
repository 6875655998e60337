import { type ByteSource, type ReadOptions, readAll } from "../../bytes/byte-source.ts";
import { EtlError } from "../../errors.ts";
import type { ByteRange } from "../../model/byte-range.ts";
import { MAX_DIRECTORY_BYTES } from "../limits.ts";

/** More than an end record with the longest comment and its ZIP64 records, so that one read finds them all. */
const TAIL_BYTES = 256 << 10;
const END = 0x06054b50;
const END_BYTES = 22;
/** What each entry of a directory begins with. */
export const ENTRY = 0x02014b50;
const LOCATOR64 = 0x07064b50;
const END64 = 0x06064b50;

/** Where the central directory lies. `shift` is what precedes the archive in its file; offsets do not count it. */
export interface CentralDirectory {
  readonly bytes: Buffer;
  readonly start: number;
  readonly shift: number;
  /** Entries that the end record announces, and the number modulo which it counts. */
  readonly count: number;
  readonly modulo: number;
  /** The end of the file, as far as it was read: local headers that lie there cost nothing more. */
  readonly tail: { readonly start: number; readonly bytes: Buffer };
}

/** Finds and reads the central directory in one read or two, no byte twice. */
export async function readCentralDirectory(source: ByteSource, options: ReadOptions): Promise<CentralDirectory> {
  const read = async (range: ByteRange) => {
    const { buffer, byteOffset, byteLength } = await readAll(source, range, options);
    return Buffer.from(buffer, byteOffset, byteLength);
  };
  const tailStart = Math.max(0, source.byteLength - TAIL_BYTES);
  const tail = await read({ start: tailStart, end: source.byteLength });
  const broken = (why: string) => new EtlError("bad-archive", `${source.name}: ${why}; get the file again`);
  const at = findEnd(tail);
  if (at < 0) throw broken("no ZIP end record (cut short, or no ZIP archive)");
  let [disk, diskOfDirectory] = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)];
  let [count, size, offset, modulo] = [
    tail.readUInt16LE(at + 10),
    tail.readUInt32LE(at + 12),
    tail.readUInt32LE(at + 16),
    65_536,
  ];
  let directoryEnd = tailStart + at;
  if (at >= 20 && tail.readUInt32LE(at - 20) === LOCATOR64) {
    const record = tailStart + at - 20 - 56;
    const claimed = safe(tail.readBigUInt64LE(at - 20 + 8));
    const where = [record - tailStart, claimed - tailStart].find(
      (place) => place >= 0 && place + 56 <= tail.byteLength && tail.readUInt32LE(place) === END64,
    );
    if (where === undefined) throw broken("its ZIP64 end record is not where the locator says");
    [disk, diskOfDirectory] = [tail.readUInt32LE(where + 16), tail.readUInt32LE(where + 20)];
    [count, size, offset, modulo] = [
      safe(tail.readBigUInt64LE(where + 32)),
      safe(tail.readBigUInt64LE(where + 40)),
      safe(tail.readBigUInt64LE(where + 48)),
      Number.POSITIVE_INFINITY,
    ];
    directoryEnd = tailStart + where;
  }
  if (disk !== 0 || diskOfDirectory !== 0)
    throw new EtlError(
      "bad-archive",
      `${source.name}: the last part of a ZIP in several parts, which is not read; make it one: zip -s 0 IT --out WHOLE.zip`,
    );
  const start = directoryEnd - size;
  const shift = start - offset;
  if (!(start >= 0 && shift >= 0)) throw broken("its central directory lies outside the file");
  if (size > MAX_DIRECTORY_BYTES)
    throw broken(`its central directory has ${size} bytes, more than ${MAX_DIRECTORY_BYTES}`);
  if (count !== Number.POSITIVE_INFINITY && modulo === Number.POSITIVE_INFINITY && count * 46 > size)
    throw broken(`announces ${count} entries in ${size} bytes`);
  // What the tail holds of the directory is not read again.
  const held = tail.subarray(Math.max(0, start - tailStart), Math.max(0, directoryEnd - tailStart));
  const before = start < tailStart ? await read({ start, end: Math.min(tailStart, directoryEnd) }) : undefined;
  const bytes = before ? Buffer.concat([before, held]) : held;
  return { bytes, start, shift, count, modulo, tail: { start: tailStart, bytes: tail } };
}

/**
 * The last end record whose comment reaches exactly to the end of the file: a signature inside a comment does not. Where
 * there is none, the last one with a directory before it: as CPython does, up to 64 KiB behind it are passed over.
 */
function findEnd(tail: Buffer): number {
  const last = tail.byteLength - END_BYTES;
  let behind = -1;
  for (let at = last; at >= 0 && at >= last - 65_536; at--) {
    if (tail.readUInt32LE(at) !== END) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) === tail.byteLength) return at;
    if (behind < 0 && hasDirectory(tail, at)) behind = at;
  }
  return behind;
}

/** Whether a directory's first entry stands where this end record has it, as far as the tail tells. */
function hasDirectory(tail: Buffer, at: number): boolean {
  const size = tail.readUInt32LE(at + 12);
  if (at >= 20 && tail.readUInt32LE(at - 20) === LOCATOR64) return true;
  return size === 0 ? tail.readUInt16LE(at + 10) === 0 : size > at || tail.readUInt32LE(at - size) === ENTRY;
}

/** A 64-bit field as a number; beyond 2^53 no file reaches. */
export function safe(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
}
