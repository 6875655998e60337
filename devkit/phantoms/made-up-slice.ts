import { crc32 } from "node:zlib";
import sharp from "sharp";
import { anatomy, drawSlice } from "./draw.ts";

/** Tails that there are: lengths in steps of 256 bytes over 64 KB, as slices of CT differ. */
const TAILS = 256;
const STEP = 256;
/** What all tails have: the mean of a slice is then some 80 KB. */
const FILL_BYTES = 48 << 10;
const COMMENT = 0xfffe;
/** The start of a JPEG, and the head of a comment. */
const HEAD_BYTES = 6;

interface Tail {
  readonly bytes: Buffer;
  /** How the CRC-32 of what precedes becomes that of the whole: linear, so a table for each of its bytes tells. */
  readonly tables: Uint32Array;
  readonly crc: number;
}

/** Slices as JPEG, each a pure function of its name: a comment of its own, filler, and one of a few drawn images. */
export class MadeUpSlices {
  private readonly tails = new Map<number, Tail>();
  private readonly head = Buffer.alloc(1024);
  private readonly images: readonly Buffer[];
  private constructor(images: readonly Buffer[]) {
    this.images = images;
  }

  static async create(side = 64): Promise<MadeUpSlices> {
    const size = { height: side, width: side };
    const draw = (z: number) =>
      sharp(drawSlice(anatomy("made up"), z, size, `${z}`), { raw: { ...size, channels: 1 } });
    return new MadeUpSlices(await Promise.all([-0.3, -0.1, 0.1, 0.3].map((z) => draw(z).jpeg().toBuffer())));
  }

  /** The size of the slice that has this hash and a name of so many bytes. */
  byteLength(hash: number, nameBytes: number): number {
    return HEAD_BYTES + nameBytes + (hash & 255) + this.tailBytes((hash >>> 8) % TAILS);
  }

  crc32(hash: number, name: Buffer): number {
    const { tables, crc } = this.tail((hash >>> 8) % TAILS);
    const own = crc32(this.start(hash, name));
    return (
      (crc ^
        tables[own & 255]! ^
        tables[256 + ((own >>> 8) & 255)]! ^
        tables[512 + ((own >>> 16) & 255)]! ^
        tables[768 + (own >>> 24)]!) >>>
      0
    );
  }

  bytes(hash: number, name: Buffer): Buffer {
    return Buffer.concat([this.start(hash, name), this.tail((hash >>> 8) % TAILS).bytes]);
  }

  /** What no other slice has: its name in a comment, and zeros. Good until the next call. */
  private start(hash: number, name: Buffer): Buffer {
    const length = name.length + (hash & 255);
    this.head.writeUInt32BE(0xffd80000 + COMMENT, 0);
    this.head.writeUInt16BE(2 + length, 4);
    this.head.fill(0, HEAD_BYTES + name.length, HEAD_BYTES + length);
    name.copy(this.head, HEAD_BYTES);
    return this.head.subarray(0, HEAD_BYTES + length);
  }

  private tailBytes(at: number): number {
    return 4 + FILL_BYTES + 4 + at * STEP + this.images[at % this.images.length]!.length - 2;
  }

  private tail(at: number): Tail {
    const known = this.tails.get(at);
    if (known) return known;
    const image = this.images[at % this.images.length]!.subarray(2);
    const bytes = Buffer.concat([comment(FILL_BYTES), comment(at * STEP), image]);
    const crc = crc32(bytes);
    const tables = new Uint32Array(1024);
    for (let bit = 0; bit < 32; bit++) {
      const effect = crc32(bytes, (1 << bit) >>> 0) ^ crc;
      const base = (bit >>> 3) * 256;
      for (let value = 0; value < 256; value++) if (value & (1 << (bit & 7))) tables[base + value]! ^= effect;
    }
    const made = { bytes, tables, crc };
    this.tails.set(at, made);
    return made;
  }
}

function comment(length: number): Buffer {
  const out = Buffer.alloc(4 + length);
  out.writeUInt16BE(COMMENT, 0);
  out.writeUInt16BE(2 + length, 2);
  return out;
}
