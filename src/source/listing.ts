import type { ArchiveFormat } from "../archive/archive-format.ts";
import { looseFiles } from "../archive/loose.ts";
import { gzippedTarball, tarball } from "../archive/tar/tar.ts";
import { zip } from "../archive/zip/zip.ts";
import { type ByteSource, readAll } from "../bytes/byte-source.ts";
import { concatenated } from "../bytes/concatenated.ts";
import { gunzipped } from "../bytes/gunzipped.ts";
import { EtlError, isFault } from "../errors.ts";
import { placeOf } from "../m3d-cap/member-path.ts";
import { MAX_SPLIT_FILE_BYTES, parseSplitFile, type SplitFile } from "../m3d-cap/split-file.ts";
import type { Archive } from "./source.ts";

/** A file of the source, wherever it lies. */
export interface ListedFile {
  readonly path: string;
  readonly byteLength: number;
  readonly contentId: string;
  readonly bytes: ByteSource;
}

const archiveFormats: readonly ArchiveFormat[] = [zip, tarball, gzippedTarball];
export const layouts = ["zip", "tar", "tar.gz", "loose"] as const;
/** How archives are read: by what their names say, or all as one of these. */
export type Layout = (typeof layouts)[number] | undefined;
/** A piece of a tar that was cut up: `name.tar.gz.part-02`, `name.tar.00`, `name.tar.aa`. */
const PIECE = /^(.*\.(?:tar|tar\.gz|tgz))\.(?:part[-_.]?)?(?:\d{1,6}|a[a-z])$/i;
/** JSON files in which the split file is looked for, where none has its name: the real repository has one. */
export const MAX_SPLIT_CANDIDATES = 20;

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

/** Finds the split file by its content, M3D_Cap.json before other names; broken candidates are named in the error. */
export async function findSplitFile(
  files: readonly ListedFile[],
  signal?: AbortSignal,
): Promise<SplitFile | undefined> {
  const named = (file: ListedFile) => (/(^|\/)M3D_Cap\.json$/i.test(file.path) ? 0 : 1);
  const candidates = files
    .filter((file) => file.path.endsWith(".json") && file.path.split("/").length <= 3)
    .sort((a, b) => named(a) - named(b));
  let problem: EtlError | undefined;
  for (const [at, file] of candidates.entries()) {
    if (at === MAX_SPLIT_CANDIDATES) {
      problem ??= new EtlError(
        "bad-split-file",
        `none of the first ${at} JSON files is the split file, and no more are read; give --split-file`,
      );
      break;
    }
    if (file.byteLength > MAX_SPLIT_FILE_BYTES) {
      if (named(file) === 0)
        throw new EtlError(
          "bad-split-file",
          `${file.path}: ${file.byteLength} bytes, more than ${MAX_SPLIT_FILE_BYTES}; give --split-file`,
        );
      continue;
    }
    const text = Buffer.from(await readAll(file.bytes, { start: 0, end: file.byteLength }, { signal })).toString(
      "utf8",
    );
    try {
      return parseSplitFile(text, file.path);
    } catch (error) {
      if (!isFault(error)) throw error;
      if (named(file) === 0) problem = error;
    }
  }
  if (problem) throw problem;
  return undefined;
}
