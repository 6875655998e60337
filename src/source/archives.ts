import type { ArchiveFormat } from "../archive/archive-format.ts";
import { archiveFormats } from "../archive/formats.ts";
import { looseFiles } from "../archive/loose.ts";
import { gzippedTarball } from "../archive/tar/tar.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import { concatenated } from "../bytes/concatenated.ts";
import { gunzipped } from "../bytes/gunzipped.ts";
import { placeOf } from "../m3d-cap/member-path.ts";
import type { Layout } from "../model/layout.ts";
import type { Archive } from "./source.ts";

/** A file of the source, wherever it lies. */
export interface ListedFile {
  readonly path: string;
  readonly byteLength: number;
  readonly contentId: string;
  readonly bytes: ByteSource;
}

/** A piece of a tar that was cut up: `name.tar.gz.part-02`, `name.tar.00`, `name.tar.aa`. */
const PIECE = /^(.*\.(?:tar|tar\.gz|tgz))\.(?:part[-_.]?)?(?:\d{1,6}|a[a-z])$/i;
/** Archives one by one, pieces of one joined, then the loose files of series and cases as one more. */
export function archivesOf(files: readonly ListedFile[], contentId: string, layout?: Layout): readonly Archive[] {
  const archives: Archive[] = [];
  const loose: ListedFile[] = [];
  for (const file of joined(files)) {
    const named = archiveFormats.find((candidate) => candidate.accepts(file.path));
    const format = named && (archiveFormats.find(({ name }) => name === layout) ?? named);
    if (format && layout !== "loose") archives.push(archive(file, format));
    else if (!named && (layout ?? "loose") === "loose" && placeOf("", file.path)) loose.push(file);
  }
  if (loose.length > 0) {
    const { source, format } = looseFiles(
      "loose files",
      loose.map((file) => file.bytes),
    );
    archives.push({ path: "", byteLength: source.byteLength, contentId, format, bytes: source, cacheable: false });
  }
  return archives;
}

function archive(file: ListedFile, format: ArchiveFormat): Archive {
  const bytes = format === gzippedTarball ? gunzipped(file.bytes) : file.bytes;
  return { ...file, format, bytes, cacheable: true };
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
