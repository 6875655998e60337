import type { AsyncBuffer } from "hyparquet";
import { type ByteSource, type ReadOptions, readAll } from "../bytes/byte-source.ts";

/** Of an index of millions of members: the light columns and the footer, with room to spare. */
const LEAST_TAIL_BYTES = 1 << 20;
const TAIL_SHARE = 8;

/** A file of which the end is held in memory once it is asked for: as much as planning needs, in one read. */
export class HeldBytes implements AsyncBuffer {
  readonly byteLength: number;
  private readonly source: ByteSource;
  private readonly options: ReadOptions;
  private start: number;
  private held: Promise<Uint8Array> | undefined;

  constructor(source: ByteSource, options: ReadOptions) {
    [this.source, this.options, this.byteLength] = [source, options, source.byteLength];
    this.start = Math.max(0, source.byteLength - Math.max(LEAST_TAIL_BYTES, Math.ceil(source.byteLength / TAIL_SHARE)));
  }

  async slice(start: number, end = this.byteLength): Promise<ArrayBuffer> {
    if (start < this.start) return bufferOf(await readAll(this.source, { start, end }, this.options));
    this.held ??= readAll(this.source, { start: this.start, end: this.byteLength }, this.options);
    const held = await this.held;
    return bufferOf(held.subarray(start - this.start, end - this.start));
  }

  /** Holds everything from `start` on, and gives it. */
  async holdFrom(start: number): Promise<Uint8Array> {
    if (start < this.start) {
      const more = await readAll(this.source, { start, end: this.start }, this.options);
      this.held = Promise.resolve(Buffer.concat([more, new Uint8Array(await this.slice(this.start))]));
      this.start = start;
    }
    return new Uint8Array(await this.slice(start));
  }

  /** Lets go of what is held, once the light columns are read. */
  release(): void {
    this.held = undefined;
    this.start = this.byteLength;
  }
}

const bufferOf = (bytes: Uint8Array) =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
