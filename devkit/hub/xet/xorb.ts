import { Hasher } from "@huggingface/blake3-jit";
import { hashToHex, hexToBytes, xorbHash } from "@huggingface/xetchunk-wasm";
import { lz4Frame } from "./lz4-frame.ts";

/** A chunk of a file, and where it lies in its xorb, packed, with its header. */
export interface PackedChunk {
  readonly hash: string;
  /** Bytes of the file. */
  readonly length: number;
  readonly start: number;
  readonly end: number;
}

const HEADER_BYTES = 8;
/** With which BLAKE3 makes the hash of a chunk. */
const KEY = Buffer.from("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229", "hex");
const MAX_CHUNKS = 8192;
const MAX_CHUNK_BYTES = 128 << 10;

/**
 * The chunks of a xorb as it was uploaded. Each is unpacked, and its hash worked out; throws unless together they have the
 * hash that the xorb was sent under. What follows the chunks, some clients' own footer, is left out.
 */
export function readXorb(bytes: Buffer, hash: string): readonly PackedChunk[] {
  const chunks: PackedChunk[] = [];
  for (let start = 0; start < bytes.length && bytes[start] === 0; ) {
    const { packed, length } = headerOf(bytes, start);
    const end = start + HEADER_BYTES + packed;
    if (length > MAX_CHUNK_BYTES || end > bytes.length) throw new Error(`chunk ${chunks.length}: ${length} bytes`);
    const chunk = unpacked(bytes.subarray(start, end));
    if (chunk.length !== length) throw new Error(`chunk ${chunks.length}: ${chunk.length} bytes for ${length}`);
    chunks.push({ hash: hashToHex(Hasher.newKeyed(KEY).update(chunk).finalize(32)), length, start, end });
    start = end;
  }
  if (chunks.length === 0 || chunks.length > MAX_CHUNKS) throw new Error(`${chunks.length} chunks`);
  const found = hashToHex(xorbHash(chunks.map((chunk) => ({ hash: hexToBytes(chunk.hash), length: chunk.length }))));
  if (found !== hash) throw new Error(`its chunks are those of ${found}`);
  return chunks;
}

/** The bytes of one chunk, given with its header. */
export function unpacked(chunk: Buffer): Buffer {
  const { scheme, length } = headerOf(chunk, 0);
  const packed = chunk.subarray(HEADER_BYTES);
  if (scheme === 0) return packed;
  if (scheme > 2) throw new Error(`compression ${scheme}`);
  const bytes = lz4Frame(packed, length);
  return scheme === 1 ? bytes : interleaved(bytes);
}

/** A version, the packed length, the way it is packed, and the length: 1, 3, 1 and 3 bytes. */
function headerOf(bytes: Buffer, at: number) {
  return { packed: bytes.readUIntLE(at + 1, 3), scheme: bytes[at + 4]!, length: bytes.readUIntLE(at + 5, 3) };
}

/** Bytes that were grouped by their place in four, back in their order. */
function interleaved(grouped: Buffer): Buffer {
  const out = Buffer.alloc(grouped.length);
  let from = 0;
  for (let place = 0; place < 4; place++) for (let to = place; to < out.length; to += 4) out[to] = grouped[from++]!;
  return out;
}
