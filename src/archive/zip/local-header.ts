import type { Member } from "../archive-format.ts";
import { plainName } from "../member-name.ts";
import { safe } from "./end-record.ts";
import { findExtra, nameOf, type RawName, UTF8_FLAG, unicodePath } from "./names.ts";

const LOCAL = 0x04034b50;
export const LOCAL_BYTES = 30;
const DESCRIPTOR_FLAG = 0x8;
const FULL = 0xffffffff;

/** What stands before a member's data, to hold the directory against. */
export interface LocalHeader {
  readonly method: number;
  readonly name: RawName;
  /** Undefined where the sizes follow the data, or are not given. */
  readonly storedBytes: number | undefined;
  readonly byteLength: number | undefined;
  /** Where the data begin, counted from the header's first byte. */
  readonly dataStart: number;
}

/** The local header that `bytes` begin with; undefined where they begin with none, or hold but a part of it. */
export function parseLocalHeader(bytes: Buffer): LocalHeader | undefined {
  if (bytes.byteLength < LOCAL_BYTES || bytes.readUInt32LE(0) !== LOCAL) return undefined;
  const flags = bytes.readUInt16LE(6);
  const nameEnd = LOCAL_BYTES + bytes.readUInt16LE(26);
  const dataStart = nameEnd + bytes.readUInt16LE(28);
  if (dataStart > bytes.byteLength) return undefined;
  const extra = bytes.subarray(nameEnd, dataStart);
  const large = findExtra(extra, 0x0001);
  // ZIP64 gives what has no room: the size first, then the stored one.
  let at = 0;
  const size = (own: number) => {
    if (own === FULL)
      return large && at + 8 <= large.byteLength ? safe(large.readBigUInt64LE((at += 8) - 8)) : undefined;
    return own === 0 || flags & DESCRIPTOR_FLAG ? undefined : own;
  };
  const byteLength = size(bytes.readUInt32LE(22));
  const storedBytes = size(bytes.readUInt32LE(18));
  const isTold = (flags & DESCRIPTOR_FLAG) === 0;
  return {
    method: bytes.readUInt16LE(8),
    name: { bytes: bytes.subarray(LOCAL_BYTES, nameEnd), extra, flags },
    byteLength: isTold ? byteLength : undefined,
    storedBytes: isTold ? storedBytes : undefined,
    dataStart,
  };
}

/** What the local header says otherwise than the directory, in words; undefined where they agree. */
export function disagreement(local: LocalHeader, member: Omit<Member, "start" | "end" | "crc32">): string | undefined {
  const { method, name, storedBytes, byteLength } = local;
  if (method !== (member.method === "store" ? 0 : 8)) return "local header and directory name different methods";
  if (!isNamed(name, member.path))
    return `the local header calls it ${JSON.stringify(plainName(nameOf(name)))}: the archive's directory is damaged, or the member`;
  if (
    (storedBytes ?? member.storedBytes) !== member.storedBytes ||
    (byteLength ?? member.byteLength) !== member.byteLength
  )
    return "local header and directory give different sizes";
  return undefined;
}

function isNamed(name: RawName, path: string): boolean {
  if (plainName(nameOf(name)) === path) return true;
  // Some tools give the Unicode path in the directory alone: what the plain name has for letters beyond ASCII may be anything.
  const isPlain = (name.flags & UTF8_FLAG) === 0 && unicodePath(name) === undefined;
  if (!isPlain || !/[^\0-\x7f]/.test(path) || path.includes("\ufffd")) return false;
  const parts = path.split(/[^\0-\x7f]+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`, "s").test(plainName(name.bytes.toString("latin1")));
}
