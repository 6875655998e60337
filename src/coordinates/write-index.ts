import { createHash } from "node:crypto";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { RowGroup } from "hyparquet";
import { type ColumnSource, ParquetWriter } from "hyparquet-writer";
import type { Directory } from "../archive/archive-format.ts";
import { seal, unsealed } from "../archive/seal.ts";
import { directoryOf } from "../catalogue/directories.ts";
import { type IndexProgress, type IndexReport, indexSource } from "../catalogue/index-source.ts";
import { EtlError, isFault } from "../errors.ts";
import { sweepTemporaries } from "../files/temporary-files.ts";
import { makeWhole } from "../files/whole-file.ts";
import { createFile, type Sink, type Written } from "../files/written-file.ts";
import { listedSeries } from "../m3d-cap/split-file.ts";
import { type IndexColumnName, type IndexedArchive, type IndexHead, indexColumns } from "../model/coordinates.ts";
import { Selection } from "../model/selection.ts";
import { type Chosen, select } from "../plan/select.ts";
import { fileWriter } from "../shards/parquet/file-writer.ts";
import type { Archive, Source } from "../source/source.ts";
import { type FolderRow, toRow } from "./folder-rows.ts";
import { HEAD, INDEX_FILE, LISTING, schemaOf } from "./layout.ts";

export interface WriteIndexOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: IndexProgress) => void) | undefined;
}
export interface WrittenIndex extends Written {
  readonly file: string;
  readonly head: IndexHead;
  readonly report: IndexReport;
}

/**
 * Writes the directories of all archives of a source as `archives.parquet` into a folder. Equal sources give equal bytes.
 * Archives that cannot be read are left out, and loose files, whose listing is their directory.
 */
export async function writeIndex(
  source: Source,
  folder: string,
  options: WriteIndexOptions = {},
): Promise<WrittenIndex> {
  const report = await indexSource(source, options);
  const listed = listedById(source, report);
  const file = path.join(folder, INDEX_FILE);
  await sweepTemporaries(folder);
  return makeWhole(file, async (temporary) => {
    let head: IndexHead | undefined;
    const written = await createFile(temporary, async (sink) => {
      head = await new IndexWriter(new PartedSink(sink), source, listed).write(options);
    });
    return { ...written, file, head: head!, report };
  });
}

/** Every series that can be a row, with its place in the lists. */
function listedById({ splitFile }: Source, report: IndexReport): ReadonlyMap<string, Chosen> {
  const { listed, duplicates } = listedSeries(splitFile ?? {});
  const { chosen } = select(listed, duplicates, report, Selection.parse({ unlisted: true }));
  return new Map(chosen.map((one) => [one.entry.id, one]));
}

const gzip = (page: Uint8Array) => gzipSync(page, { level: 6 });

/** A sink that tells the hash of what came since it was asked last, and keeps what comes once it is told to. */
class PartedSink {
  private hash = createHash("sha256");
  private kept: Uint8Array[] | undefined;
  private readonly sink: Sink;
  constructor(sink: Sink) {
    this.sink = sink;
  }

  writeNow(bytes: Uint8Array): void {
    if (this.kept) this.kept.push(Uint8Array.from(bytes));
    else {
      this.hash.update(bytes);
      this.sink.writeNow(bytes);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.sink.write(bytes);
  }

  digest(): string {
    const text = this.hash.digest("hex");
    this.hash = createHash("sha256");
    return text;
  }

  keep(): void {
    this.kept = [];
  }

  /** What was kept goes on to the file with its seal. */
  finish(): void {
    const bytes = Buffer.concat(this.kept ?? []);
    seal(bytes);
    this.sink.writeNow(bytes);
  }
}

/**
 * The members' columns of all archives come first and the light ones last, beside the footer: whoever plans reads the end
 * of the file in one request.
 */
class IndexWriter {
  private readonly parquet: ParquetWriter;
  private readonly writer: ReturnType<typeof fileWriter>;
  private readonly light: FolderRow[][] = [];
  private readonly heavy: RowGroup[] = [];
  private readonly archives: IndexedArchive[] = [];
  private readonly kvMetadata: { key: string; value: string }[] = [];
  private readonly sink: PartedSink;
  private readonly source: Source;
  private readonly listed: ReadonlyMap<string, Chosen>;

  constructor(sink: PartedSink, source: Source, listed: ReadonlyMap<string, Chosen>) {
    [this.sink, this.source, this.listed] = [sink, source, listed];
    this.writer = fileWriter(sink);
    const { writer, kvMetadata } = this;
    this.parquet = new ParquetWriter({
      writer,
      schema: schemaOf(),
      codec: "GZIP",
      compressors: { GZIP: gzip },
      kvMetadata,
    });
  }

  async write({ signal, onProgress }: WriteIndexOptions): Promise<IndexHead> {
    const { archives } = this.source;
    let fault: string | undefined;
    for (const [done, archive] of archives.entries()) {
      signal?.throwIfAborted();
      onProgress?.({ done, total: archives.length, path: archive.path });
      const directory = archive.cacheable
        ? await readable(this.source, archive, signal, (detail) => (fault ??= detail))
        : undefined;
      // What contradicts itself is to be read anew each time.
      if (directory?.isUnsure) fault ??= `${archive.path}: its directory contradicts its members`;
      else if (directory) this.add(archive, directory);
      await nextTurn();
    }
    if (this.archives.length === 0)
      throw new EtlError(
        "bad-archive",
        `${this.source.name}: no archive that can be read; ${fault ?? "loose files need no index"}`,
      );
    const { kind, revision, name } = this.source;
    const id = kind === "local" ? path.basename(path.resolve(name)) : name;
    const head: IndexHead = { version: 1, source: { kind, id, revision }, archives: this.archives };
    this.finish(head);
    return head;
  }

  private add(archive: Archive, directory: Directory): void {
    this.writer.flush?.();
    this.sink.digest();
    const start = this.writer.offset;
    const rows = directory.folders.map((folder) => toRow(folder, archive, this.listed));
    this.heavy.push(...this.group(rows, "members"));
    this.writer.flush?.();
    const packed = { start, end: this.writer.offset, sha256: this.sink.digest() };
    const light = rows.map((row) => ({ ...row, names: null, crc32: null, layout: null }));
    if (rows.length > 0) this.light.push(light);
    this.archives.push({
      path: archive.path,
      above: archive.above,
      format: archive.format.name,
      byteLength: archive.byteLength,
      contentId: this.source.kind !== "local" && /^[0-9a-f+]+$/.test(archive.contentId) ? archive.contentId : null,
      own: directory.own ?? null,
      folders: rows.length,
      members: directory.folders.reduce((sum, { count }) => sum + count, 0),
      refused: [...directory.refused],
      packed,
    });
  }

  /** Writes these columns of an archive's rows; gives their row group, which lacks the others. */
  private group(rows: readonly FolderRow[], part: "light" | "members"): RowGroup[] {
    if (rows.length === 0) return [];
    const names = (Object.keys(indexColumns) as IndexColumnName[]).filter((name) => indexColumns[name].part === part);
    const columnData = names.map((name): ColumnSource => {
      const data = rows.map((row) => row[name]);
      if (part === "light" && name !== "few") return { name, data };
      // Checksums do not compress.
      const codec = name === "crc32" ? "UNCOMPRESSED" : "GZIP";
      return { name, data, encoding: "PLAIN", statistics: false, codec };
    });
    const groups = this.parquet.row_groups;
    void this.parquet.write({ columnData, rowGroupSize: rows.length, pageSize: 1 << 28 });
    return groups.splice(0);
  }

  private finish(head: IndexHead): void {
    this.sink.keep();
    const light = this.light.flatMap((rows) => this.group(rows, "light"));
    const groups = light.map((group, at) => joined(group, this.heavy[at]!));
    this.parquet.row_groups.push(...groups);
    Object.assign(this.parquet, { num_rows: groups.reduce((sum, { num_rows }) => sum + num_rows, 0n) });
    const { listing, splitFile } = this.source;
    const lists = Object.fromEntries(
      Object.entries(splitFile ?? {}).map(([name, rows]) => [name, Array.isArray(rows) && rows.map(imageOf)]),
    );
    const files = listing && { files: listing.files, unread: listing.unread };
    const text = JSON.stringify({ lists: splitFile ? lists : null, ...files });
    this.kvMetadata.push(
      { key: HEAD, value: JSON.stringify(head) },
      { key: LISTING, value: gzipSync(text, { level: 9 }).toString("base64") },
      unsealed,
    );
    void this.parquet.finish();
    this.sink.finish();
  }
}

const imageOf = ({ image }: { readonly image: string }) => ({ image });

function joined(light: RowGroup, heavy: RowGroup): RowGroup {
  const columns = [...light.columns, ...heavy.columns];
  const sum = (key: "total_uncompressed_size" | "total_compressed_size") =>
    columns.reduce((total, { meta_data }) => total + meta_data![key], 0n);
  const total_compressed_size = sum("total_compressed_size");
  return { columns, num_rows: light.num_rows, total_byte_size: sum("total_uncompressed_size"), total_compressed_size };
}

async function readable(
  source: Source,
  archive: Archive,
  signal: AbortSignal | undefined,
  onFault: (detail: string) => void,
) {
  try {
    return (await directoryOf(source, archive, signal)).directory;
  } catch (error) {
    if (!isFault(error, "bad-archive")) throw error;
    onFault(error.fault.detail);
    return undefined;
  }
}
