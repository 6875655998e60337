import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";

/** Keeps count of bytes on disk, and makes who wants more wait until others are gone. */
export class DiskRoom {
  private readonly limit: number;
  private used: number;
  private waiting: (() => void) | undefined;
  /** The most bytes that were taken at once. */
  peak: number;

  /** `used` bytes are there from the start. */
  constructor(limit: number, used: number) {
    this.limit = limit;
    this.used = used;
    this.peak = used;
  }

  /** Counts from what lies in the folder. */
  static async in(folder: string, limit: number): Promise<DiskRoom> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    let used = 0;
    for (const entry of entries) if (entry.isFile()) used += (await stat(path.join(entry.parentPath, entry.name))).size;
    return new DiskRoom(limit, used);
  }

  /** Waits until `bytes` fit; `isHope` says whether anything is still to be freed. */
  async take(bytes: number, isHope: () => boolean): Promise<void> {
    while (this.used + bytes > this.limit) {
      if (!isHope())
        throw new EtlError(
          "usage",
          `--max-disk ${this.limit}: ${this.used} bytes are there and a shard may take ${bytes}; give more, or a smaller --shard-size`,
        );
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
    this.add(bytes);
  }

  /** Bytes that came (or, negative, went) without asking. */
  add(bytes: number): void {
    this.used += bytes;
    this.peak = Math.max(this.peak, this.used);
    if (bytes < 0) this.wake();
  }

  /** Removes a file, which may be gone already. */
  async free(file: string): Promise<void> {
    const { size } = await stat(file).catch(() => ({ size: 0 }));
    await rm(file, { force: true });
    this.add(-size);
  }

  /** Lets a waiting taker look again. */
  wake(): void {
    this.waiting?.();
    this.waiting = undefined;
  }
}
