import { createHash } from "node:crypto";
import type { Dirent, Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { readAll } from "../bytes/byte-source.ts";
import { fileSource } from "../bytes/file-source.ts";
import { EtlError } from "../errors.ts";
import { readFault } from "../files/read-file.ts";
import type { Layout } from "../model/layout.ts";
import { firstOf, type Unread } from "../model/unread.ts";
import { archivesOf, type ListedFile } from "./archives.ts";
import { findSplitFile, noLists } from "./find-split-file.ts";
import { closeArchives, type Source } from "./source.ts";

export interface LocalOptions {
  readonly signal?: AbortSignal | undefined;
  readonly layout?: Layout;
  /** Looks for no split file. */
  readonly withoutLists?: boolean | undefined;
}

/** A folder with the data set's content: archives, an extracted tree, or both. */
export async function openLocalSource(
  folder: string,
  { signal, layout, withoutLists }: LocalOptions = {},
): Promise<Source> {
  const root = path.resolve(folder);
  const kind = await stat(root).catch(() => undefined);
  if (!kind?.isDirectory())
    throw new EtlError("source-not-found", `${folder}: no such folder; give a folder or owner/name`);
  const files: ListedFile[] = [];
  const blobs = await blobsOf(root);
  const [links, odd]: [string[], string[]] = [[], []];
  for await (const entry of below(root)) {
    signal?.throwIfAborted();
    const absolute = path.join(entry.parentPath, entry.name);
    const isLink = entry.isSymbolicLink();
    const blob = isLink && blobs ? await blobAt(absolute, blobs) : undefined;
    if (isLink && !blob) links.push(path.relative(root, absolute));
    if (!entry.isFile() && !blob) continue;
    const file = blob ?? absolute;
    const relative = path.relative(root, absolute).split(path.sep).join("/");
    const found = await statOf(file);
    if (found === undefined) odd.push(relative);
    if (found === undefined) continue;
    const { size, mtimeMs, ctimeMs } = found;
    files.push({
      path: relative,
      byteLength: size,
      contentId: "",
      // Its status' time too: a copy may bring the old file's time along.
      stamp: `${size} ${mtimeMs} ${ctimeMs}`,
      bytes: { ...fileSource(file, size), name: relative },
    });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const revision = await fingerprint(files, signal);
  const pinned = files.map((file) => ({ ...file, contentId: revision }));
  const sorted = await archivesOf(pinned, { contentId: revision, layout, top: path.basename(root), signal });
  if (sorted.archives.length === 0 && links.length > 0)
    throw new EtlError(
      "source-not-found",
      `${folder}: has ${links.length} symbolic links, which are followed only in a snapshot of the Hub's cache, and nothing else to read; copy it with cp -rL`,
    );
  const { splitFile, unread: lists } = withoutLists ? noLists : await findSplitFile(files, signal);
  return {
    name: folder,
    kind: "local",
    revision,
    ...sorted,
    unread: [
      ...lists,
      ...sorted.unread,
      ...skipped(links, "link", NOT_FOLLOWED),
      ...skipped(odd, "not-utf8-name", ODD_NAME),
    ],
    splitFile,
    byteLength: files.reduce((sum, file) => sum + file.byteLength, 0),
    file: (path) => pinned.find((file) => file.path === path)?.bytes,
    close: () => closeArchives(sorted.archives),
  };
}

const NOT_FOLLOWED = "symbolic links are followed only in a snapshot of the Hub's cache; copy with cp -rL";
const ODD_NAME = "a name that is not UTF-8; rename it";

function skipped(paths: readonly string[], reason: Unread["reason"], why: string): readonly Unread[] {
  if (paths.length === 0) return [];
  return [{ path: paths[0]!, reason, count: paths.length, detail: `${why}: ${firstOf(paths)}` }];
}

/** Of a cached repository, as the Hub's own client keeps it: each file of a snapshot is a link to a blob beside it. */
const SNAPSHOT = /^(.*[\\/]datasets--[^\\/]+)[\\/]snapshots[\\/][^\\/]+(?:[\\/]|$)/;

async function blobsOf(root: string): Promise<string | undefined> {
  const repository = SNAPSHOT.exec(await realpath(root))?.[1];
  const blobs = repository && path.join(repository, "blobs");
  // A link itself would make blobs of any folder.
  return blobs && (await realpath(blobs).catch(() => undefined)) === blobs ? blobs : undefined;
}

/** Where a link leads, if that is a file of `blobs`: what else it may lead to must not end in shards that are published. */
async function blobAt(link: string, blobs: string): Promise<string | undefined> {
  const target = await realpath(link).catch(() => undefined);
  if (target === undefined || path.dirname(target) !== blobs) return undefined;
  return (await stat(target)).isFile() ? target : undefined;
}

/** What stands for letters of a name that is no UTF-8: what it names cannot be opened by it, and is left out. */
const NO_LETTER = "\ufffd";

async function* below(folder: string): AsyncGenerator<Dirent> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if (folder.includes(NO_LETTER)) return [];
    throw readFault(error, folder);
  });
  for (const entry of entries) {
    if (entry.isDirectory()) yield* below(path.join(folder, entry.name));
    else yield entry;
  }
}

function statOf(file: string): Promise<Stats | undefined> {
  return stat(file).catch((error) => {
    if (file.includes(NO_LETTER)) return undefined;
    throw readFault(error, file);
  });
}

/** Enough of an archive's end to hold its end record, and the last entries of its directory with their CRCs. */
const TAIL_BYTES = 65_536;

/** Names and sizes of all files, and the ends of the archives: cheap on a terabyte, and it knows other content. */
async function fingerprint(files: readonly ListedFile[], signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const { path: name, byteLength, bytes } of files) {
    hash.update(`${name}\0${byteLength}\0`);
    if (/\.(?:zip|tar|tgz|gz|json)$/i.test(name))
      hash.update(await readAll(bytes, { start: Math.max(0, byteLength - TAIL_BYTES), end: byteLength }, { signal }));
  }
  return hash.digest("hex").slice(0, 40);
}
