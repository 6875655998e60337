import { pack } from "tar-stream";
import { createFile, type Written } from "../files/written-file.ts";
import type { TreeFile } from "./export-format.ts";

/** Writes `path`, a tar of the files in order, one of them in memory at a time. Nothing in it knows a time or an owner. */
export function writeTar(path: string, files: AsyncIterable<TreeFile>): Promise<Written> {
  return createFile(path, async (sink) => {
    const tar = pack();
    const filled = fill(tar, files).catch((error) => tar.destroy(error));
    for await (const bytes of tar as AsyncIterable<Uint8Array>) await sink.write(bytes);
    await filled;
  });
}

async function fill(tar: ReturnType<typeof pack>, files: AsyncIterable<TreeFile>): Promise<void> {
  for await (const { path, bytes } of files)
    await new Promise<void>((resolve, reject) => {
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      tar.entry({ name: path, mtime: new Date(0) }, whole, (error) => (error ? reject(error) : resolve()));
    });
  tar.finalize();
}
