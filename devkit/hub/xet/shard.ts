/** A run of a xorb's chunks that is a part of a file. */
export interface Term {
  readonly xorb: string;
  readonly length: number;
  /** Chunks, half open. */
  readonly first: number;
  readonly end: number;
  /** Of the chunks' hashes: only who has the chunks knows it. */
  readonly proof: string | undefined;
}
export interface Shard {
  readonly files: readonly { readonly hash: string; readonly terms: readonly Term[] }[];
  /** Hashes of xorbs with those of their chunks. */
  readonly xorbs: readonly { readonly hash: string; readonly chunks: readonly string[] }[];
}

const MAGIC = "HFRepoMetaData\0";
const HEADER_BYTES = 48;
const RECORD_BYTES = 48;
const HAS_PROOFS = 0x80000000;
const HAS_SHA256 = 0x40000000;

/** Reads a shard's two sections, each of records of 48 bytes up to a record whose hash is all ones. */
export function readShard(bytes: Buffer): Shard {
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new Error("no shard");
  if (bytes.readBigUInt64LE(32) !== 2n) throw new Error("a shard of another version");
  let at = HEADER_BYTES;
  const record = () => {
    if (at + RECORD_BYTES > bytes.length) throw new Error("the shard is cut off");
    at += RECORD_BYTES;
    return bytes.subarray(at - RECORD_BYTES, at);
  };
  const isEnd = (one: Buffer) => one.subarray(0, 32).every((byte) => byte === 0xff);
  const records = (count: number) => Array.from({ length: count }, record);
  const files = [];
  for (let head = record(); !isEnd(head); head = record()) {
    const [flags, count] = [head.readUInt32LE(32), head.readUInt32LE(36)];
    const terms = records(count);
    const proofs = flags & HAS_PROOFS ? records(count) : [];
    if (flags & HAS_SHA256) record();
    files.push({ hash: hashAt(head), terms: terms.map((term, index) => termOf(term, proofs[index])) });
  }
  const xorbs = [];
  for (let head = record(); !isEnd(head); head = record())
    xorbs.push({ hash: hashAt(head), chunks: records(head.readUInt32LE(36)).map(hashAt) });
  return { files, xorbs };
}

/** A shard as it is given to those who ask for a chunk: its footer tells where the xorbs' section ends. */
export function lookedUp(bytes: Buffer): Buffer {
  const footer = bytes.length - Number(bytes.readBigUInt64LE(40));
  if (footer === bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  copy.writeBigUInt64LE(BigInt(footer), footer + 24);
  return copy;
}

function termOf(term: Buffer, proof: Buffer | undefined): Term {
  const [length, first, end] = [term.readUInt32LE(36), term.readUInt32LE(40), term.readUInt32LE(44)];
  return { xorb: hashAt(term), length, first, end, proof: proof && hashAt(proof) };
}

/** A hash is written as four numbers of 64 bits, little endian. */
function hashAt(record: Buffer): string {
  return [0, 8, 16, 24].map((at) => record.readBigUInt64LE(at).toString(16).padStart(16, "0")).join("");
}
