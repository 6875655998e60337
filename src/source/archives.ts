import { createHash } from "node:crypto";
import type { ArchiveFormat } from "../archive/archive-format.ts";
import { archiveFormats } from "../archive/formats.ts";
import { HEAD_BYTES, kindByContent, kindByName, tellsNothing } from "../archive/kind-of-archive.ts";
import { looseFiles } from "../archive/loose.ts";
import { plainName } from "../archive/member-name.ts";
import { gzippedTarball } from "../archive/tar/tar.ts";
import { type ByteSource, readAll } from "../bytes/byte-source.ts";
import { concatenated } from "../bytes/concatenated.ts";
import { gunzipped } from "../bytes/gunzipped.ts";
import { EtlError } from "../errors.ts";
import { placeOf } from "../m3d-cap/member-path.ts";
import type { Layout } from "../model/layout.ts";
import { type Pieces, piecesOf } from "./pieces.ts";
import { sortFiles } from "./sort-files.ts";
import type { Archive, Source } from "./source.ts";

/** A file of the source, wherever it lies. */
export interface ListedFile {
  readonly path: string;
  readonly byteLength: number;
  readonly contentId: string;
  /** Size and time of a local file. */
  readonly stamp?: string | undefined;
  readonly bytes: ByteSource;
}

/** Files whose first bytes are looked at because their names say nothing, the largest first: each costs a request. */
export const MAX_LOOKED_AT = 100;

interface ListOptions {
  /** Of the whole source. */
  readonly contentId: string;
  readonly layout?: Layout;
  /** The folder that the source itself is: it may be a collection's. */
  readonly top?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Archives one by one, pieces of one joined, then the loose files of series and cases as one more. An archive that is
 * known to be of a kind that is not read, or to lack a piece, is one whose opening fails and says so. All other files are
 * accounted for.
 */
export async function archivesOf(
  files: readonly ListedFile[],
  { contentId, layout, top = "", signal }: ListOptions,
): Promise<Pick<Source, "archives" | "unread" | "files">> {
  const archives: Archive[] = [];
  const [loose, unknown, others]: [ListedFile[], ListedFile[], ListedFile[]] = [[], [], []];
  const above = (path: string) => (top ? `${top}/${path}` : path);
  const { pieces, rest } = piecesOf(files);
  const unnamed = pieces.filter(({ name }) => name === undefined);
  const whole: readonly Whole[] = [...rest, ...pieces.filter(({ name }) => name !== undefined).map(joined)];
  for (const file of whole) {
    const named = kindByName(file.name ?? file.path);
    if (named) {
      if (layout === "loose") others.push(file);
      else archives.push(file.lacking ?? opened(file, named, layout));
    } else if ((layout ?? "loose") === "loose" && placeOf(above(""), plainName(file.path))) loose.push(file);
    else if (layout !== "loose" && tellsNothing(file.path)) unknown.push(file);
    else others.push(file);
  }
  const told = await lookedAt(unknown, unnamed, signal);
  for (const one of told) archives.push(one.file.lacking ?? opened(one.file, one.kind, layout));
  const taken = new Set(told.flatMap(({ parts }) => parts));
  const { unread, counts } = sortFiles([...others, ...unknown.filter((file) => !taken.has(file))]);
  const counted = { archives: archives.length, loose: loose.length, ...counts };
  for (const archive of archives) Object.assign(archive, { above: above(archive.path) });
  archives.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (loose.length > 0) {
    const { source, format } = looseFiles(
      "loose files",
      loose.map((file) => file.bytes),
    );
    const stampOf = caseStamps(loose, above(""));
    const rest = { contentId, stampOf, format, bytes: source, cacheable: false, files: loose };
    archives.push({ path: "", above: above(""), byteLength: source.byteLength, ...rest });
  }
  return { archives, unread, files: counted };
}

/** The stamps of each case's loose files together; made at the first question. */
function caseStamps(files: readonly ListedFile[], above: string): Archive["stampOf"] {
  if (files[0]?.stamp === undefined) return undefined;
  let stamps: Map<string, string> | undefined;
  return (caseName) => {
    if (!stamps) {
      stamps = new Map();
      for (const { path, stamp } of files) {
        const name = placeOf(above, plainName(path))!.caseName;
        const before = stamps.get(name) ?? "";
        stamps.set(name, createHash("sha256").update(`${before}\0${path}\0${stamp}`).digest("base64"));
      }
    }
    return stamps.get(caseName) ?? "";
  };
}

type Kind = NonNullable<ReturnType<typeof kindByContent>>;
/** A file, or pieces joined, and the name that tells its kind; `lacking` stands for them where one is not there. */
type Whole = ListedFile & {
  readonly name?: string | undefined;
  readonly files?: readonly ListedFile[];
  readonly lacking?: Archive;
};

interface LookedAt {
  readonly file: Whole;
  readonly kind: Kind;
  readonly parts: readonly ListedFile[];
}

/** Of the files whose names say nothing those that are archives; of pieces the first one tells. */
async function lookedAt(
  files: readonly ListedFile[],
  pieces: readonly Pieces[],
  signal: AbortSignal | undefined,
): Promise<readonly LookedAt[]> {
  const found: LookedAt[] = [];
  const taken = new Set<ListedFile>();
  const wholes: readonly { parts: readonly ListedFile[]; one?: Pieces }[] = [
    ...pieces.map((one) => ({ parts: one.files, one })),
    ...files.map((file) => ({ parts: [file] })),
  ];
  const bySize = wholes
    .map((whole) => ({ ...whole, size: whole.parts.reduce((sum, { byteLength }) => sum + byteLength, 0) }))
    .sort((a, b) => Number(b.one !== undefined) - Number(a.one !== undefined) || b.size - a.size);
  let looks = 0;
  for (const { parts, one } of bySize) {
    if (parts.some((part) => taken.has(part)) || looks === MAX_LOOKED_AT) continue;
    looks += 1;
    const file: Whole = one ? joined(one) : parts[0]!;
    const kind = await kindOf(file.bytes, signal);
    // A page or a JSON text without an ending is a page or a JSON text.
    if (!kind || ("unread" in kind && kind.unread !== "kind" && kind.unread !== "pointer")) continue;
    for (const part of parts) taken.add(part);
    found.push({ file, kind, parts });
  }
  return found;
}

async function kindOf(bytes: ByteSource, signal: AbortSignal | undefined): Promise<Kind | undefined> {
  const end = Math.min(HEAD_BYTES, bytes.byteLength);
  return kindByContent(await readAll(bytes, { start: 0, end }, { signal }));
}

/** An archive as its name has it, until its content says otherwise. */
function opened(file: Whole, kind: Kind, layout: Layout): Archive {
  if ("unread" in kind) return unreadable(file, kind.detail);
  const forced = archiveFormats.find(({ name }) => name === layout);
  const inFormat = (format: ArchiveFormat) => (format === gzippedTarball ? gunzipped(file.bytes) : file.bytes);
  const format = forced ?? kind.format;
  const { path, byteLength, contentId, stamp } = file;
  const stampOf = stamp === undefined ? undefined : () => stamp;
  const known = { path, above: path, byteLength, contentId, stampOf, files: file.files ?? [file] };
  const archive = { ...known, format, bytes: inFormat(format), cacheable: true };
  return Object.assign(archive, {
    async reopen(signal?: AbortSignal) {
      const real = await kindOf(file.bytes, signal);
      if (real && "unread" in real) throw new EtlError("bad-archive", `${file.path}: ${real.detail}`);
      if (!real || real.format === archive.format || forced) return false;
      await archive.bytes.close?.();
      Object.assign(archive, { format: real.format, bytes: inFormat(real.format) });
      return true;
    },
  });
}

/** An archive that is there, and cannot be opened for a reason that is known without trying. */
function unreadable({ path, byteLength, contentId, bytes }: ListedFile, detail: string): Archive {
  const fault = new EtlError("bad-archive", `${path}: ${detail}`);
  const format: ArchiveFormat = {
    name: "unread",
    accepts: () => false,
    directory: () => Promise.reject(fault),
    extract: () => fault,
  };
  return { path, above: path, byteLength, contentId, bytes, format, cacheable: false };
}

function joined({ path, files, missing, name }: Pieces): Whole {
  const bytes = concatenated(
    path,
    files.map((part) => part.bytes),
  );
  const contentId = files.map((part) => part.contentId).join("+");
  const stamp = files[0]?.stamp === undefined ? undefined : files.map((part) => part.stamp).join("+");
  const whole = { path, byteLength: bytes.byteLength, contentId, stamp, bytes, files };
  if (missing === undefined) return { ...whole, name };
  return { ...whole, name, lacking: unreadable(whole, `of its pieces ${missing} is missing; get it, and run again`) };
}
