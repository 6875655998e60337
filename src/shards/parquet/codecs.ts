import { gzipSync } from "node:zlib";
import type { ByteWriter } from "hyparquet-writer";
import { compressSync } from "snappy";
import { EtlError } from "../../errors.ts";
import type { WriteOptions } from "../shard-format.ts";
import { zstd } from "./zstd.ts";

export type Codec = WriteOptions["codec"];
export const codecs = {
  none: "UNCOMPRESSED",
  snappy: "SNAPPY",
  gzip: "GZIP",
  lz4: "LZ4_RAW",
  zstd: "ZSTD",
} as const satisfies Record<Codec, string>;

/** What makes a page smaller. */
export interface Packing {
  readonly codec: Codec;
  readonly pack: (page: Uint8Array) => Uint8Array;
}

/** Copied, so that a collection frees it: memory that is the addon's own would be freed a turn of the event loop later. */
const snappy = (page: Uint8Array) =>
  compressSync(Buffer.from(page.buffer, page.byteOffset, page.byteLength), { copyOutputData: true });
const gzip = (page: Uint8Array) => gzipSync(page, { level: 6 });

/** Level 3 takes three times as long for four per cent fewer bytes. */
const ZSTD_LEVEL = 1;
/** Before the block, lz4-wasm has its length, which Parquet has in the page's header. */
const LZ4_LENGTH_BYTES = 4;
/** Page and outcome together must fit the memory that a WebAssembly module can have; measured, with room to spare. */
const MOST_BYTES: Partial<Record<Codec, number>> = { lz4: 1200 << 20, zstd: 800 << 20 };

/** The codec, loaded when it is used. WebAssembly gives the same bytes with every Node and on every machine. */
export async function packingOf(codec: Codec): Promise<Packing> {
  return { codec, pack: bounded(codec, await packerOf(codec)) };
}

async function packerOf(codec: Codec): Promise<Packing["pack"]> {
  if (codec === "snappy") return snappy;
  if (codec === "gzip") return gzip;
  if (codec === "none") return (page) => page;
  if (codec === "zstd") {
    const { compress } = await zstd();
    return (page) => compress(page, ZSTD_LEVEL);
  }
  const { compress } = await import("lz4-wasm-nodejs");
  return (page) => compress(page).subarray(LZ4_LENGTH_BYTES);
}

function bounded(codec: Codec, pack: Packing["pack"]): Packing["pack"] {
  const most = MOST_BYTES[codec];
  if (most === undefined) return pack;
  return (page) => {
    if (page.byteLength > most)
      throw new EtlError("limit-exceeded", `${page.byteLength} bytes: too large for --codec ${codec}; give another`);
    return pack(page);
  };
}

/** Any cut would do; at whole blocks of 64 KiB, in which Snappy works, the bytes are those of a page in one piece. */
const PIECE_BYTES = 16 << 16;

const NOTHING = new Uint8Array(0);

/** Of a page that has one value, in PLAIN encoding: four bytes of length, then the value; nothing where there is none. */
export const plainPageBytes = (value: Uint8Array | null) => (value ? 4 + value.byteLength : 0);

/** What a page of so large a value becomes at most: Snappy's bound, and the others' are below it. */
export const mostPageBytes = (valueBytes: number) => Math.ceil((valueBytes * 7) / 6) + 64;

/**
 * Appends such a page, compressed. Snappy takes the value in pieces from where it lies, so that neither the page nor what it
 * becomes is in memory once more.
 */
export function appendPage(writer: ByteWriter, { codec, pack }: Packing, value: Uint8Array | null): void {
  const bytes = value ?? NOTHING;
  const length = Buffer.alloc(value ? 4 : 0);
  if (value) length.writeUInt32LE(bytes.byteLength);
  if (codec === "none") {
    writer.appendBytes(length);
    return writer.appendBytes(bytes);
  }
  if (codec !== "snappy") return writer.appendBytes(pack(Buffer.concat([length, bytes])));
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
