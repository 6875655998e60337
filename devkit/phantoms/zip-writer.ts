import { type FileHandle, open } from "node:fs/promises";
import { type EncodedEntry, encodeEntry, type ZipEntry } from "./zip-entry.ts";

export type { ZipEntry } from "./zip-entry.ts";

export interface ZipOptions {
  /** ZIP64 records everywhere; without it, where they are needed. */
  readonly zip64?: boolean;
  /** A hole between the last entry and the directory. */
  readonly sparseGapBytes?: number;
  readonly comment?: string;
  /** Bytes before the archive, as self-extracting ones have; offsets still count from the file's start. */
  readonly prefix?: Uint8Array;
}

/** Writes are gathered up to this size. */
const BATCH = 1 << 20;

/** Streams an archive to disk; holes stay holes, so an archive of gigabytes may take up kilobytes. Returns its size. */
export async function writeZip(
  path: string,
  entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>,
  options: ZipOptions = {},
): Promise<number> {
  const file = await open(path, "w");
  try {
    const sink = new FileSink(file);
    await write(sink, entries, options);
    await sink.flush();
    return sink.at;
  } finally {
    await file.close();
  }
}

/** The same in memory, where holes are zeros. */
export function zipBuffer(entries: Iterable<ZipEntry>, options: ZipOptions = {}): Buffer {
  const parts: Uint8Array[] = [];
  const layout = new Layout(options);
  parts.push(options.prefix ?? new Uint8Array());
  for (const entry of entries) {
    parts.push(Buffer.alloc(entry.gapBefore ?? 0));
    const { head, data, hole, tail } = layout.add(entry);
    parts.push(head, data, Buffer.alloc(hole), tail);
  }
  parts.push(Buffer.alloc(options.sparseGapBytes ?? 0), ...layout.end());
  return Buffer.concat(parts);
}

async function write(
  sink: FileSink,
  entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>,
  options: ZipOptions,
): Promise<void> {
  const layout = new Layout(options);
  await sink.push(options.prefix ?? new Uint8Array());
  for await (const entry of entries) {
    await sink.skip(entry.gapBefore ?? 0);
    const { head, data, hole, tail } = layout.add(entry);
    await sink.push(head);
    await sink.push(data);
    await sink.skip(hole);
    await sink.push(tail);
  }
  await sink.skip(options.sparseGapBytes ?? 0);
  for (const part of layout.end()) await sink.push(part);
}

/** Keeps track of offsets, and of the directory to come. */
class Layout {
  readonly #options: ZipOptions;
  readonly #central: Buffer[] = [];
  #at: number;

  constructor(options: ZipOptions) {
    this.#options = options;
    this.#at = options.prefix?.length ?? 0;
  }

  add(entry: ZipEntry): EncodedEntry {
    this.#at += entry.gapBefore ?? 0;
    const encoded = encodeEntry(entry, this.#at, this.#options.zip64);
    this.#at += encoded.head.length + encoded.data.length + encoded.hole + encoded.tail.length;
    this.#central.push(encoded.central);
    return encoded;
  }

  end(): Buffer[] {
    const start = this.#at + (this.#options.sparseGapBytes ?? 0);
    const size = this.#central.reduce((sum, { length }) => sum + length, 0);
    const count = this.#central.length;
    const wide = this.#options.zip64 === true || count >= 0xffff || start >= 0xffffffff || size >= 0xffffffff;
    return [
      ...this.#central,
      ...(wide ? [zip64End(count, size, start)] : []),
      end(count, size, start, wide, this.#options),
    ];
  }
}

function end(count: number, size: number, start: number, wide: boolean, { comment = "" }: ZipOptions): Buffer {
  const text = Buffer.from(comment);
  const out = Buffer.alloc(22);
  out.writeUInt32LE(0x06054b50, 0);
  out.writeUInt16LE(wide ? 0xffff : count, 8);
  out.writeUInt16LE(wide ? 0xffff : count, 10);
  out.writeUInt32LE(wide ? 0xffffffff : size, 12);
  out.writeUInt32LE(wide ? 0xffffffff : start, 16);
  out.writeUInt16LE(text.length, 20);
  return Buffer.concat([out, text]);
}

/** The ZIP64 end record, and the locator that leads to it. */
function zip64End(count: number, size: number, start: number): Buffer {
  const out = Buffer.alloc(56 + 20);
  out.writeUInt32LE(0x06064b50, 0);
  out.writeBigUInt64LE(44n, 4);
  out.writeUInt16LE((3 << 8) | 45, 12);
  out.writeUInt16LE(45, 14);
  out.writeBigUInt64LE(BigInt(count), 24);
  out.writeBigUInt64LE(BigInt(count), 32);
  out.writeBigUInt64LE(BigInt(size), 40);
  out.writeBigUInt64LE(BigInt(start), 48);
  out.writeUInt32LE(0x07064b50, 56);
  out.writeBigUInt64LE(BigInt(start + size), 64);
  out.writeUInt32LE(1, 72);
  return out;
}

class FileSink {
  readonly #file: FileHandle;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #written = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get at(): number {
    return this.#written + this.#heldBytes;
  }

  async push(part: Uint8Array): Promise<void> {
    this.#held.push(part);
    this.#heldBytes += part.length;
    if (this.#heldBytes >= BATCH) await this.flush();
  }

  async skip(bytes: number): Promise<void> {
    if (bytes === 0) return;
    await this.flush();
    this.#written += bytes;
  }

  async flush(): Promise<void> {
    const batch = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    // A positioned write may be short.
    for (let done = 0; done < batch.length; )
      done += (await this.#file.write(batch, done, batch.length - done, this.#written + done)).bytesWritten;
    this.#written += batch.length;
  }
}
