import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";

export interface ContentFile {
  readonly path: string;
  readonly size: number;
  /** The content's sha256, for a provider that knows it; otherwise the Hub works it out. */
  readonly sha256?: string;
  /** Changes when the content does; stands in for the content of files too big to hash. */
  readonly version?: string;
}

/** Where a repository's bytes come from: a folder, memory, or a function that makes them up as they are asked for. */
export interface ContentProvider {
  list(): Promise<readonly ContentFile[]>;
  /** The bytes from `start` up to, and without, `end`. */
  read(path: string, start: number, end: number): Readable;
}

/** A folder on disk, read by ranges: sparse archives of many gigabytes cost neither memory nor disk. */
export function folderContent(dir: string): ContentProvider {
  return {
    async list() {
      const files: ContentFile[] = [];
      for (const item of await readdir(dir, { recursive: true, withFileTypes: true })) {
        const full = path.join(item.parentPath, item.name);
        const relative = path.relative(dir, full).split(path.sep).join("/");
        if (item.isDirectory() || relative.split("/").includes(".git")) continue;
        const { size, mtimeMs } = await stat(full);
        files.push({ path: relative, size, version: `${full} ${mtimeMs}` });
      }
      return files;
    },
    read: (file, start, end) =>
      start >= end
        ? Readable.from([])
        : createReadStream(path.join(dir, file), { start, end: end - 1, highWaterMark: 1 << 18 }),
  };
}

/** Files in memory, by path. */
export function memoryContent(files: Readonly<Record<string, string | Uint8Array>>): ContentProvider {
  const held = new Map(Object.entries(files).map(([name, data]) => [name, Buffer.from(data)] as const));
  return {
    list: async () => [...held].map(([name, data]) => ({ path: name, size: data.length })),
    read: (name, start, end) => Readable.from([held.get(name)!.subarray(start, end)]),
  };
}
