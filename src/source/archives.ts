import type { ArchiveFormat } from "../archive/archive-format.ts";
import { archiveFormats } from "../archive/formats.ts";
import { looseFiles } from "../archive/loose.ts";
import { gzippedTarball } from "../archive/tar/tar.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import { concatenated } from "../bytes/concatenated.ts";
import { gunzipped } from "../bytes/gunzipped.ts";
import { placeOf } from "../m3d-cap/member-path.ts";
import type { Layout } from "../model/layout.ts";
import { sortFiles } from "./sort-files.ts";
import type { Archive, Source } from "./source.ts";

/** A file of the source, wherever it lies. */
export interface ListedFile {
  readonly path: string;
  readonly byteLength: number;
  readonly contentId: string;
  readonly bytes: ByteSource;
}

/** A piece of a tar that was cut up: `name.tar.gz.part-02`, `name.tar.00`, `name.tar.aa`. */
const PIECE = /^(.*\.(?:tar|tar\.gz|tgz))\.(?:part[-_.]?)?(?:\d{1,6}|a[a-z])$/i;
/** Archives of kinds that are not read, by name. */
const NOT_READ = /\.(?:7z|rar|xz|txz|bz2|tbz2?|zst|lz4|lzma|z\d{2})$/i;

export interface SortedFiles extends Pick<Source, "archives" | "unreadable" | "unread" | "files"> {}

/**
 * Archives one by one, pieces of one joined, then the loose files of series and cases as one more; and what becomes of all
 * other files. `top` is the folder that the source itself is: it may be a collection's.
 */
export function archivesOf(
  files: readonly ListedFile[],
  contentId: string,
  { layout, top = "" }: { layout?: Layout; top?: string } = {},
): SortedFiles {
  const archives: Archive[] = [];
  const [loose, others]: ListedFile[][] = [[], []];
  const unreadable: { path: string; detail: string }[] = [];
  const above = (path: string) => (top ? `${top}/${path}` : path);
  for (const file of joined(files)) {
    const named = archiveFormats.find((candidate) => candidate.accepts(file.path));
    const format = named && (archiveFormats.find(({ name }) => name === layout) ?? named);
    if (format && layout !== "loose") archives.push(archive(file, format, above(file.path)));
    else if (!named && (layout ?? "loose") === "loose" && placeOf(above(""), file.path)) loose!.push(file);
    else if (NOT_READ.test(file.path))
      unreadable.push({ path: file.path, detail: `${file.path}: ${kindOf(file.path)} is not read; unpack it, or pack it as zip or tar` });
    else others!.push(file);
  }
  const { unread, counts } = sortFiles(others!);
  const numbers = { archives: archives.length + unreadable.length, loose: loose!.length, ...counts };
  if (loose!.length > 0) {
    const { source, format } = looseFiles(
      "loose files",
      loose!.map((file) => file.bytes),
    );
    const rest = { contentId, format, bytes: source, cacheable: false };
    archives.push({ path: "", above: above(""), byteLength: source.byteLength, ...rest });
  }
  return { archives, unreadable, unread, files: numbers };
}

const kindOf = (path: string) => path.slice(path.lastIndexOf("."));

function archive(file: ListedFile, format: ArchiveFormat, above: string): Archive {
  const bytes = format === gzippedTarball ? gunzipped(file.bytes) : file.bytes;
  return { ...file, above, format, bytes, cacheable: true };
}

/** Files as they are, but the pieces of a tar as one, in order of their names. */
function joined(files: readonly ListedFile[]): readonly ListedFile[] {
  const pieces = new Map<string, ListedFile[]>();
  const whole: ListedFile[] = [];
  for (const file of files) {
    const name = PIECE.exec(file.path)?.[1];
    if (name === undefined) whole.push(file);
    else if (!pieces.get(name)?.push(file)) pieces.set(name, [file]);
  }
  for (const [path, parts] of pieces) {
    const bytes = concatenated(
      path,
      parts.sort((a, b) => (a.path < b.path ? -1 : 1)).map((part) => part.bytes),
    );
    const contentId = parts.map((part) => part.contentId).join("+");
    whole.push({ path, byteLength: bytes.byteLength, contentId, bytes });
  }
  return whole.sort((a, b) => (a.path < b.path ? -1 : 1));
}
