import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";

export interface ServedFile {
  readonly path: string;
  readonly size: number;
  /** SHA-256 of a large file, git's blob id of a small one. */
  readonly oid: string;
  /** Large files are answered by a redirect to the CDN, as on the real Hub. */
  readonly large: boolean;
  read(start: number, end: number): Readable;
}
export interface Snapshot {
  readonly sha: string;
  readonly files: readonly ServedFile[];
}

/** Above this a file counts as large, as with git LFS on the Hub. */
const LARGE_FROM_BYTES = 10_000;
/** Above this the content's name is made from path, size and time, so that sparse gigabytes start at once. */
const HASHED_UP_TO_BYTES = 64 << 20;

/** A folder as one commit. */
export async function snapshotOf(folder: string): Promise<Snapshot> {
  const files: ServedFile[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const absolute = path.join(entry.parentPath, entry.name);
    files.push(await served(absolute, path.relative(folder, absolute).split(path.sep).join("/")));
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash("sha1");
  for (const file of files) hash.update(`${file.path} ${file.size} ${file.oid}\n`);
  return { sha: hash.digest("hex"), files };
}

async function served(absolute: string, name: string): Promise<ServedFile> {
  const { size, mtimeMs } = await stat(absolute);
  const large = size >= LARGE_FROM_BYTES;
  const hash = createHash(large ? "sha256" : "sha1");
  if (!large) hash.update(`blob ${size}\0`);
  if (size > HASHED_UP_TO_BYTES) hash.update(`${name} ${size} ${mtimeMs}`);
  else for await (const chunk of createReadStream(absolute)) hash.update(chunk);
  const read = (start: number, end: number) => createReadStream(absolute, { start, end: Math.max(start, end - 1) });
  return { path: name, size, oid: hash.digest("hex"), large, read };
}
