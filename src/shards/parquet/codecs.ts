import { gzipSync } from "node:zlib";
import type { ByteWriter } from "hyparquet-writer";
import { compressSync } from "snappy";

export type Codec = keyof typeof codecs;
export const codecs = { none: "UNCOMPRESSED", snappy: "SNAPPY", gzip: "GZIP" } as const;

/** Copied, so that a collection frees it: memory that is the addon's own would be freed a turn of the event loop later. */
const snappy = (page: Uint8Array) =>
  compressSync(Buffer.from(page.buffer, page.byteOffset, page.byteLength), { copyOutputData: true });
const gzip = (page: Uint8Array) => gzipSync(page, { level: 6 });
/** A page's bytes made smaller, by the name that the format has for it. */
export const compressors = { SNAPPY: snappy, GZIP: gzip };

/** Any cut would do; at whole blocks of 64 KiB, in which Snappy works, the bytes are those of a page in one piece. */
const PIECE_BYTES = 16 << 16;

const NOTHING = new Uint8Array(0);

/** Of a page that has one value, in PLAIN encoding: four bytes of length, then the value; nothing where there is none. */
export const plainPageBytes = (value: Uint8Array | null) => (value ? 4 + value.byteLength : 0);

/** What a page of so large a value becomes at most: Snappy's bound, and gzip's is below it. */
export const mostPageBytes = (valueBytes: number) => Math.ceil((valueBytes * 7) / 6) + 64;

/**
 * Appends such a page, compressed. Snappy takes the value in pieces from where it lies, so that neither the page nor what it
 * becomes is in memory once more.
 */
export function appendPage(writer: ByteWriter, codec: Codec, value: Uint8Array | null): void {
  const bytes = value ?? NOTHING;
  const length = Buffer.alloc(value ? 4 : 0);
  if (value) length.writeUInt32LE(bytes.byteLength);
  if (codec === "gzip") return writer.appendBytes(gzip(Buffer.concat([length, bytes])));
  if (codec === "none") {
    writer.appendBytes(length);
    return writer.appendBytes(bytes);
  }
  writer.appendVarInt(plainPageBytes(value));
  const first = PIECE_BYTES - length.byteLength;
  writer.appendBytes(snappyBlocks(Buffer.concat([length, bytes.subarray(0, first)])));
  for (let at = first; at < bytes.byteLength; at += PIECE_BYTES)
    writer.appendBytes(snappyBlocks(bytes.subarray(at, at + PIECE_BYTES)));
}

/** Without the length of what they hold, which stands before all blocks together; its last byte is the first below 0x80. */
function snappyBlocks(plain: Uint8Array): Uint8Array {
  const packed = snappy(plain);
  return packed.subarray(packed.findIndex((byte) => byte < 0x80) + 1);
}
