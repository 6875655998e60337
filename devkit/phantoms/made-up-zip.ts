import { crc32 } from "node:zlib";
import type { MadeUpSlices } from "./made-up-slice.ts";
import { reportText } from "./report-text.ts";

/** A folder of the archive: so many slices `<prefix>0.jpeg`, `<prefix>1.jpeg`, …, or with none a case's report. */
export interface MadeUpFolder {
  readonly prefix: string;
  readonly slices: number;
}

const MAX32 = 0xffffffff;
const LOCAL_BYTES = 30;
const ENTRY_BYTES = 46;
/** An offset beyond 4 GB, as an extra field. */
const WIDE_BYTES = 12;
const END_BYTES = 56 + 20 + 22;

/** A ZIP64 archive of stored members that is nowhere: its directory and any byte of it are made up when they are read. */
export class MadeUpZip {
  readonly byteLength: number;
  readonly directoryBytes: number;
  readonly members: number;
  private readonly folders: readonly MadeUpFolder[];
  private readonly slices: MadeUpSlices;
  private readonly dataBytes: number;

  constructor(folders: readonly MadeUpFolder[], slices: MadeUpSlices) {
    this.folders = folders;
    this.slices = slices;
    let [at, directory, members] = [0, 0, 0];
    for (const member of this.all()) {
      directory += ENTRY_BYTES + member.nameBytes + (at >= MAX32 ? WIDE_BYTES : 0);
      at += LOCAL_BYTES + member.nameBytes + member.byteLength;
      members += 1;
    }
    this.dataBytes = at;
    this.members = members;
    this.directoryBytes = directory;
    this.byteLength = at + directory + END_BYTES;
  }

  /** The bytes from `start` up to, and without, `end`. */
  *read(start: number, end: number): Generator<Buffer> {
    let at = 0;
    if (start < this.dataBytes)
      for (const member of this.all()) {
        const next = at + LOCAL_BYTES + member.nameBytes + member.byteLength;
        if (next > start) yield this.member(member).subarray(Math.max(0, start - at), end - at);
        at = next;
        if (at >= end) return;
      }
    if (end <= this.dataBytes) return;
    const tail = this.directory();
    const PIECE = 1 << 18;
    for (let from = Math.max(0, start - this.dataBytes); from < end - this.dataBytes; from += PIECE)
      yield tail.subarray(from, Math.min(from + PIECE, end - this.dataBytes));
  }

  private *all(): Generator<Member> {
    for (const { prefix, slices } of this.folders) {
      const seed = hashOf(prefix);
      if (slices === 0) {
        const report = Buffer.from(reportText(prefix));
        yield { prefix, number: -1, nameBytes: prefix.length + 8, byteLength: report.length, hash: 0, report };
      }
      for (let number = 0; number < slices; number++) {
        const nameBytes = prefix.length + (number < 10 ? 1 : number < 100 ? 2 : String(number).length) + 5;
        const hash = mixed(seed + number);
        yield {
          prefix,
          number,
          nameBytes,
          hash,
          byteLength: this.slices.byteLength(hash, nameBytes),
          report: undefined,
        };
      }
    }
  }

  private member(member: Member): Buffer {
    const name = nameOf(member);
    const head = Buffer.alloc(LOCAL_BYTES);
    head.writeUInt32LE(0x04034b50, 0);
    common(head, 4, member, this.crc(member, name));
    const data = member.report ?? this.slices.bytes(member.hash, name);
    return Buffer.concat([head, name, data]);
  }

  private crc({ report, hash }: Member, name: Buffer): number {
    return report ? crc32(report) : this.slices.crc32(hash, name);
  }

  /** The directory and the end records after it. */
  private directory(): Buffer {
    const out = Buffer.alloc(this.directoryBytes + END_BYTES);
    let [at, offset] = [0, 0];
    for (const member of this.all()) {
      const name = nameOf(member);
      const isWide = offset >= MAX32;
      out.writeUInt32LE(0x02014b50, at);
      out.writeUInt16LE((3 << 8) | 45, at + 4);
      common(out, at + 6, member, this.crc(member, name));
      out.writeUInt16LE(isWide ? WIDE_BYTES : 0, at + 30);
      out.writeUInt32LE(0o100644 * 0x10000, at + 38);
      out.writeUInt32LE(isWide ? MAX32 : offset, at + 42);
      name.copy(out, at + ENTRY_BYTES);
      at += ENTRY_BYTES + name.length;
      if (isWide) {
        out.writeUInt16LE(1, at);
        out.writeUInt16LE(8, at + 2);
        out.writeBigUInt64LE(BigInt(offset), at + 4);
        at += WIDE_BYTES;
      }
      offset += LOCAL_BYTES + name.length + member.byteLength;
    }
    this.end(out.subarray(at));
    return out;
  }

  private end(out: Buffer): void {
    out.writeUInt32LE(0x06064b50, 0);
    out.writeBigUInt64LE(44n, 4);
    out.writeUInt16LE((3 << 8) | 45, 12);
    out.writeUInt16LE(45, 14);
    out.writeBigUInt64LE(BigInt(this.members), 24);
    out.writeBigUInt64LE(BigInt(this.members), 32);
    out.writeBigUInt64LE(BigInt(this.directoryBytes), 40);
    out.writeBigUInt64LE(BigInt(this.dataBytes), 48);
    out.writeUInt32LE(0x07064b50, 56);
    out.writeBigUInt64LE(BigInt(this.dataBytes + this.directoryBytes), 64);
    out.writeUInt32LE(1, 72);
    out.writeUInt32LE(0x06054b50, 76);
    out.writeUInt16LE(0xffff, 84);
    out.writeUInt16LE(0xffff, 86);
    out.writeUInt32LE(MAX32, 88);
    out.writeUInt32LE(MAX32, 92);
  }
}

interface Member {
  readonly prefix: string;
  readonly number: number;
  readonly nameBytes: number;
  readonly byteLength: number;
  readonly hash: number;
  readonly report: Buffer | undefined;
}

const nameOf = ({ prefix, number }: Member) =>
  Buffer.from(number < 0 ? `${prefix}text.txt` : `${prefix}${number}.jpeg`, "latin1");

/** The fields that local header and directory have in common, from `version needed` on. */
function common(out: Buffer, at: number, { byteLength, nameBytes }: Member, crc: number): void {
  out.writeUInt16LE(45, at);
  out.writeUInt16LE(0x58a1, at + 8);
  out.writeUInt32LE(crc, at + 10);
  out.writeUInt32LE(byteLength, at + 14);
  out.writeUInt32LE(byteLength, at + 18);
  out.writeUInt16LE(nameBytes, at + 22);
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
