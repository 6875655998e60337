import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { ContentFile, ContentProvider } from "./content.ts";

/** A file as one commit has it. `oid` is git's: of the blob, or of the pointer where the content lies in LFS. */
export interface Entry {
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly sha256: string; readonly pointerSize: number };
  open(start: number, end: number): Readable;
}

/** An immutable commit. */
export interface Snapshot {
  readonly sha: string;
  readonly title: string;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Folders' paths and their oids. */
  readonly folders: ReadonlyMap<string, string>;
}

/**
 * Above this a file's sha256 is derived from its path, size and version instead of its bytes, so that repositories
 * of sparse gigabytes start at once. Nobody can check such an oid against the content.
 */
const HASHED_UP_TO = 64 << 20;
const known = new Map<string, string>();

export async function entriesOf(provider: ContentProvider, lfsThreshold: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const file of await provider.list()) {
    const open = (start: number, end: number) => provider.read(file.path, start, end);
    const { path, size } = file;
    if (size > lfsThreshold && size > 0)
      entries.push({ path, size, open, ...pointer(await sha256(file, provider), size) });
    else entries.push({ path, size, open, oid: await digest("sha1", `blob ${size}\0`, open(0, size)) });
  }
  return entries;
}

/** The commit's sha depends on the listing and its parent alone: equal folders have equal shas. */
export function snapshotOf(files: Iterable<Entry>, title: string, parent = ""): Snapshot {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash("sha1").update(`${parent}\n${title}\n`);
  const folders = new Map<string, string>();
  for (const { path, oid, size } of sorted) {
    hash.update(`${path}\0${oid}\0${size}\n`);
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) folders.set(path.slice(0, at), "");
  }
  const sha = hash.digest("hex");
  for (const folder of folders.keys()) folders.set(folder, createHash("sha1").update(`${sha}/${folder}`).digest("hex"));
  return { sha, title, entries: new Map(sorted.map((entry) => [entry.path, entry])), folders };
}

/** All bytes of a small file. */
export async function contentOf(entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry.open(0, entry.size)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What an LFS file is in git: the pointer's blob. */
export function pointer(sha256: string, size: number): { oid: string; lfs: { sha256: string; pointerSize: number } } {
  const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
  const oid = createHash("sha1").update(`blob ${text.length}\0${text}`).digest("hex");
  return { oid, lfs: { sha256, pointerSize: text.length } };
}

async function sha256(file: ContentFile, provider: ContentProvider): Promise<string> {
  if (file.sha256 !== undefined) return file.sha256;
  const key = `${file.path}\0${file.size}\0${file.version ?? ""}`;
  if (file.size > HASHED_UP_TO) return createHash("sha256").update(key).digest("hex");
  const before = file.version === undefined ? undefined : known.get(key);
  const hash = before ?? (await digest("sha256", "", provider.read(file.path, 0, file.size)));
  if (file.version !== undefined) known.set(key, hash);
  return hash;
}

async function digest(algorithm: string, head: string, content: Readable): Promise<string> {
  const hash = createHash(algorithm).update(head);
  for await (const chunk of content) hash.update(chunk);
  return hash.digest("hex");
}
