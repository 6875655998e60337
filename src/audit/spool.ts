import { type FileHandle, open, rm } from "node:fs/promises";
import { readRange } from "../files/written-file.ts";

/** Where something lies in the spool. */
export interface Spooled {
  readonly start: number;
  readonly end: number;
}

/** A file for what is looked at again only if it is found wanting: pictures and reports, which memory could not hold. */
export class Spool {
  readonly #file: FileHandle;
  #end = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The file has no name once it is open: it is gone with the process, however that ends. */
  static async at(path: string): Promise<Spool> {
    const file = await open(path, "wx+");
    await rm(path);
    return new Spool(file);
  }

  async add(bytes: Uint8Array): Promise<Spooled> {
    const start = this.#end;
    this.#end += bytes.byteLength;
    for (let at = 0; at < bytes.byteLength; )
      at += (await this.#file.write(bytes, at, bytes.byteLength - at, start + at)).bytesWritten;
    return { start, end: this.#end };
  }

  read({ start, end }: Spooled): Promise<Uint8Array> {
    return readRange(this.#file, start, end);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
