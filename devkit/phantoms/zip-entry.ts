import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  /** Text is written as UTF-8; bytes as they are, and without the flag that calls them UTF-8. */
  readonly name: string | Uint8Array;
  readonly data?: Uint8Array | string;
  readonly method?: "store" | "deflate";
  /** Instead of data: a stored entry of so many zero bytes that lies on disk as a hole. Its CRC is not computed. */
  readonly hole?: number;
  /** Bytes that belong to no entry, left out before this one; a hole as well. */
  readonly gapBefore?: number;
  /** Sizes and CRC follow the data, and are zero in the local header. */
  readonly descriptor?: boolean;
  readonly zip64?: boolean;
  /** From here on: lies, for archives that are damaged or hostile. */
  readonly flags?: number;
  readonly crc?: number;
  readonly methodNumber?: number;
  readonly compressedSize?: number;
  readonly size?: number;
  /** The name that the local header gives, where it is not the directory's. */
  readonly localName?: string | Uint8Array;
  readonly localExtra?: Uint8Array;
  readonly extra?: Uint8Array;
  readonly comment?: string;
  readonly offset?: number;
}

/** What an entry comes to: bytes before its data, the data or the hole, bytes after it, its line in the directory. */
export interface EncodedEntry {
  readonly head: Buffer;
  readonly data: Uint8Array;
  readonly hole: number;
  readonly tail: Buffer;
  readonly central: Buffer;
}

const DESCRIPTOR = 0x0008;
const UTF8 = 0x0800;
const MAX32 = 0xffffffff;
/** 1 May 2024, midnight: archives depend on their content alone. */
const DOS_DATE = ((2024 - 1980) << 9) | (5 << 5) | 1;

interface Facts {
  flags: number;
  method: number;
  crc: number;
  packed: number;
  size: number;
  zip64: boolean;
}

export function encodeEntry(entry: ZipEntry, at: number, zip64 = false): EncodedEntry {
  const plain = typeof entry.data === "string" ? Buffer.from(entry.data) : (entry.data ?? new Uint8Array());
  const deflated = entry.method === "deflate";
  const data = deflated ? deflateRawSync(plain) : plain;
  const hole = entry.hole ?? 0;
  const name = Buffer.from(entry.name as string);
  const packed = entry.compressedSize ?? data.length + hole;
  const size = entry.size ?? plain.length + hole;
  const offset = entry.offset ?? at;
  const ascii = typeof entry.name !== "string" || /^[\x00-\x7f]*$/.test(entry.name);
  const facts: Facts = {
    flags: entry.flags ?? (ascii ? 0 : UTF8) | (entry.descriptor ? DESCRIPTOR : 0),
    method: entry.methodNumber ?? (deflated ? 8 : 0),
    crc: entry.crc ?? (hole > 0 ? 0 : crc32(plain)),
    packed,
    size,
    zip64: zip64 || entry.zip64 === true || packed >= MAX32 || size >= MAX32,
  };
  const tail = entry.descriptor ? descriptor(facts) : Buffer.alloc(0);
  return { head: local(entry, facts), data, hole, tail, central: central(entry, name, facts, offset) };
}

function local(entry: ZipEntry, facts: Facts): Buffer {
  const name = Buffer.from((entry.localName ?? entry.name) as string);
  const hidden = entry.descriptor ? { crc: 0, packed: 0, size: 0 } : {};
  const shown = { ...facts, ...hidden };
  const extra = Buffer.concat(
    [facts.zip64 ? zip64Extra([shown.size, shown.packed]) : "", entry.localExtra ?? ""].map(bytes),
  );
  const head = Buffer.alloc(4);
  head.writeUInt32LE(0x04034b50);
  return Buffer.concat([head, common(shown, name.length, extra.length), name, extra]);
}

function central(entry: ZipEntry, name: Buffer, facts: Facts, offset: number): Buffer {
  const wide = facts.zip64 || offset >= MAX32;
  const extra = Buffer.concat(
    [wide ? zip64Extra([facts.size, facts.packed, offset]) : "", entry.extra ?? ""].map(bytes),
  );
  const comment = Buffer.from(entry.comment ?? "");
  const head = Buffer.alloc(6);
  head.writeUInt32LE(0x02014b50);
  // Made by Unix, so that the attributes below are a file mode.
  head.writeUInt16LE((3 << 8) | 45, 4);
  const rest = Buffer.alloc(14);
  rest.writeUInt16LE(comment.length, 0);
  rest.writeUInt32LE(0o100644 * 0x10000, 6);
  rest.writeUInt32LE(wide ? MAX32 : offset, 10);
  return Buffer.concat([
    head,
    common({ ...facts, zip64: wide }, name.length, extra.length),
    rest,
    name,
    extra,
    comment,
  ]);
}

/** The fields that local header and directory have in common. */
function common(facts: Facts, nameLength: number, extraLength: number): Buffer {
  const out = Buffer.alloc(26);
  out.writeUInt16LE(facts.zip64 ? 45 : 20, 0);
  out.writeUInt16LE(facts.flags, 2);
  out.writeUInt16LE(facts.method, 4);
  out.writeUInt16LE(DOS_DATE, 8);
  out.writeUInt32LE(facts.crc, 10);
  out.writeUInt32LE(facts.zip64 ? MAX32 : facts.packed, 14);
  out.writeUInt32LE(facts.zip64 ? MAX32 : facts.size, 18);
  out.writeUInt16LE(nameLength, 22);
  out.writeUInt16LE(extraLength, 24);
  return out;
}

function descriptor({ crc, packed, size, zip64 }: Facts): Buffer {
  const out = Buffer.alloc(zip64 ? 24 : 16);
  out.writeUInt32LE(0x08074b50, 0);
  out.writeUInt32LE(crc, 4);
  if (zip64) {
    out.writeBigUInt64LE(BigInt(packed), 8);
    out.writeBigUInt64LE(BigInt(size), 16);
  } else {
    out.writeUInt32LE(packed, 8);
    out.writeUInt32LE(size, 12);
  }
  return out;
}

function zip64Extra(values: readonly number[]): Buffer {
  const out = Buffer.alloc(4 + 8 * values.length);
  out.writeUInt16LE(1, 0);
  out.writeUInt16LE(8 * values.length, 2);
  for (const [at, value] of values.entries()) out.writeBigUInt64LE(BigInt(value), 4 + 8 * at);
  return out;
}

function bytes(part: Uint8Array | string): Uint8Array {
  return typeof part === "string" ? Buffer.from(part) : part;
}
