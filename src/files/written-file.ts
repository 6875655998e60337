import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** One call may not move more than 2 GiB. */
const MAX_BYTES = 1 << 30;
/** Chunks below this are joined with their neighbours: a call for each would cost more than the copy. */
const JOIN_BELOW_BYTES = 1 << 16;

/** Takes a file's bytes in order. */
export interface Sink {
  /** They must not change before the promise is kept. */
  write(bytes: Uint8Array): Promise<void>;
  /** For writers that do not wait: the bytes are with the system when it returns. */
  writeNow(bytes: Uint8Array): void;
}
/** What a file holds, known without reading it again. */
export interface Written {
  readonly byteLength: number;
  readonly sha256: string;
}

/** Creates `path`, which must not exist, and syncs it to disk once it is filled; closed whatever happens. */
export async function createFile(path: string, fill: (sink: Sink) => Promise<void>): Promise<Written> {
  const file = await open(path, "wx");
  const hash = createHash("sha256");
  let byteLength = 0;
  const count = (bytes: Uint8Array) => {
    hash.update(bytes);
    byteLength += bytes.byteLength;
  };
  try {
    await fill({
      async write(bytes) {
        count(bytes);
        await writeAll(file, bytes);
      },
      writeNow(bytes) {
        count(bytes);
        for (let at = 0; at < bytes.byteLength; )
          at += writeSync(file.fd, bytes, at, Math.min(MAX_BYTES, bytes.byteLength - at));
      },
    });
    await file.sync();
    return { byteLength, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

/** Opens `path` for as long as `use` runs. */
export async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, "r");
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** A call may write less than it was given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; )
    at += (await file.write(bytes, at, Math.min(MAX_BYTES, bytes.byteLength - at))).bytesWritten;
}

/** Exactly the bytes from `start` to `end` (the first byte not read), in a buffer of their own. */
export async function readRange(file: FileHandle, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.byteLength; ) {
    const length = Math.min(MAX_BYTES, bytes.byteLength - at);
    const { bytesRead } = await file.read(bytes, at, length, start + at);
    if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + at}`);
    at += bytesRead;
  }
  return bytes;
}

export interface FileQueue {
  push(bytes: Uint8Array): void;
  /** Writes what was pushed. Pushed bytes must not change before. */
  flush(): Promise<void>;
}

/** For writers that push and do not wait: what they push stays in memory until `flush`. */
export function fileQueue(sink: Sink): FileQueue {
  let queue: Uint8Array[] = [];
  return {
    push(bytes) {
      queue.push(bytes);
    },
    async flush() {
      const full = queue;
      queue = [];
      let small: Uint8Array[] = [];
      for (const bytes of full) {
        if (bytes.byteLength < JOIN_BELOW_BYTES) {
          small.push(bytes);
          continue;
        }
        await sink.write(Buffer.concat(small));
        await sink.write(bytes);
        small = [];
      }
      await sink.write(Buffer.concat(small));
    },
  };
}
