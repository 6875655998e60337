import { type FileHandle, open, rm } from "node:fs/promises";
import { readRange } from "../files/written-file.ts";

/** Where something lies in the spool. */
export interface Spooled {
  readonly start: number;
  readonly end: number;
}

/** Little things are written so many bytes at a time. */
const ROOM = 1 << 18;

/** A file for what is looked at again only if it is found wanting: pictures and reports, which memory could not hold. */
export class Spool {
  readonly #file: FileHandle;
  #written = 0;
  readonly #held = new Uint8Array(ROOM);
  #heldBytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The file has no name once it is open: it is gone with the process, however that ends. */
  static async at(path: string): Promise<Spool> {
    const file = await open(path, "wx+");
    await rm(path);
    return new Spool(file);
  }

  /** One at a time. */
  async add(bytes: Uint8Array): Promise<Spooled> {
    if (this.#heldBytes + bytes.byteLength > ROOM) await this.#writeHeld();
    const start = this.#written + this.#heldBytes;
    if (bytes.byteLength > ROOM) await this.#write(bytes);
    else {
      this.#held.set(bytes, this.#heldBytes);
      this.#heldBytes += bytes.byteLength;
    }
    return { start, end: start + bytes.byteLength };
  }

  async read({ start, end }: Spooled): Promise<Uint8Array> {
    await this.#writeHeld();
    return readRange(this.#file, start, end);
  }

  async #writeHeld(): Promise<void> {
    await this.#write(this.#held.subarray(0, this.#heldBytes));
    this.#heldBytes = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; )
      at += (await this.#file.write(bytes, at, bytes.byteLength - at, this.#written + at)).bytesWritten;
    this.#written += bytes.byteLength;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
