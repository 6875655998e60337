import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { z } from "zod";
import type { Directory } from "../archive/archive-format.ts";
import { isSealed } from "../archive/seal.ts";
import { type ByteSource, type ReadOptions, readAll } from "../bytes/byte-source.ts";
import { EtlError, isFault } from "../errors.ts";
import { SplitFile } from "../m3d-cap/split-file.ts";
import { type IndexedArchive, IndexedFile, IndexHead } from "../model/coordinates.ts";
import { Unread } from "../model/unread.ts";
import type { KnownListing } from "../source/source.ts";
import { type Cells, checkFolders, isPlannable, packed, planned, toFolder, withMembers } from "./folder-rows.ts";
import { HeldBytes } from "./held-bytes.ts";
import { HEAD, LISTING } from "./layout.ts";

/** What a listing unpacks to at most: 500,000 files and a million rows of lists stay below it. */
const MAX_LISTING_BYTES = 256 << 20;

const Listing = z.object({
  lists: SplitFile.nullable(),
  files: z.array(IndexedFile).optional(),
  unread: z.array(Unread).optional(),
});

/**
 * An index of a source's archives that somebody made: where all their members lie and what they hash to. Whatever it says
 * is checked for sense, since it may come from anyone; whether it is of these archives `fitted` tells.
 */
export class ArchiveIndex {
  readonly head: IndexHead;
  /** The lists that its source had. */
  readonly splitFile: SplitFile | undefined;
  /** All files of the commit that it was made from; undefined where that was a folder. */
  readonly listing: KnownListing | undefined;
  private readonly source: ByteSource;
  private readonly bytes: HeldBytes;
  private readonly metadata: FileMetaData;
  private light: Promise<readonly Cells[]> | undefined;

  private constructor(source: ByteSource, bytes: HeldBytes, metadata: FileMetaData) {
    [this.source, this.bytes, this.metadata] = [source, bytes, metadata];
    const texts = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
    this.head = IndexHead.parse(JSON.parse(texts.get(HEAD) ?? "null"));
    const packed = Buffer.from(texts.get(LISTING) ?? "", "base64");
    const text = gunzipSync(packed, { maxOutputLength: MAX_LISTING_BYTES }).toString("utf8");
    const { lists, files, unread } = Listing.parse(JSON.parse(text));
    const { revision } = this.head.source;
    this.splitFile = lists ?? undefined;
    if (files && unread) this.listing = { revision, files, unread, splitFile: this.splitFile };
    const rows = this.head.archives.reduce((sum, { folders }) => sum + folders, 0);
    if (Number(metadata.num_rows) !== rows) throw new RangeError(`${metadata.num_rows} rows, ${rows} announced`);
  }

  /** What messages call it. */
  get name(): string {
    return this.source.name;
  }

  get byteLength(): number {
    return this.source.byteLength;
  }

  static async open(source: ByteSource, options: ReadOptions = {}): Promise<ArchiveIndex> {
    const bytes = new HeldBytes(source, options);
    return sound(source.name, async () => {
      const index = new ArchiveIndex(source, bytes, await parquetMetadataAsync(bytes));
      // All that is light lies behind the members of the last archive.
      const start = index.head.archives.reduce((most, { packed: { end } }) => Math.max(most, end), 0);
      const light = await bytes.holdFrom(start);
      if (!isSealed(Buffer.from(light.buffer))) throw new RangeError("its bytes are not those that were written");
      return index;
    });
  }

  /** The archive of this path; undefined where the index has none. */
  archive(path: string): IndexedArchive | undefined {
    return this.head.archives.find((archive) => archive.path === path);
  }

  /** An archive's folders; those of slices without their members, unless planning has to look at some. */
  async outline(archive: IndexedArchive, options: ReadOptions = {}): Promise<Directory> {
    const directory = await sound(`${this.name}: of ${archive.path}`, () => this.folders(archive));
    return directory.folders.every(isPlannable) ? directory : this.whole(archive, options);
  }

  /** An archive's folders with all members, in one read. */
  async whole(archive: IndexedArchive, options: ReadOptions = {}): Promise<Directory> {
    const { start, end, sha256 } = archive.packed;
    return sound(`${this.name}: of ${archive.path}`, async () => {
      const light = await this.folders(archive);
      if (light.folders.length === 0) return light;
      const bytes = await readAll(this.source, { start, end }, options);
      if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw new RangeError("its members are damaged");
      const slice = async (from: number, to = end) => bytes.slice(from - start, to - start).buffer;
      const cells = await this.read({ byteLength: this.bytes.byteLength, slice }, packed, archive);
      const directory = { ...light, folders: light.folders.map((folder, at) => withMembers(folder, cells[at]!)) };
      checkFolders(directory, lengthOf(archive));
      return directory;
    });
  }

  close(): Promise<void> | undefined {
    return this.source.close?.();
  }

  private async folders(archive: IndexedArchive): Promise<Directory> {
    this.light ??= this.readLight();
    const { first, end } = this.rowsOf(archive);
    const folders = (await this.light).slice(first, end).map(toFolder);
    const { refused, own } = archive;
    const directory = { folders, refused, ...(own && { own }) };
    checkFolders(directory, lengthOf(archive));
    return directory;
  }

  private async readLight(): Promise<readonly Cells[]> {
    const cells = await this.read(this.bytes, planned);
    this.bytes.release();
    return cells;
  }

  private read(file: Pick<HeldBytes, "byteLength" | "slice">, columns: readonly string[], archive?: IndexedArchive) {
    const rows = archive && this.rowsOf(archive);
    return parquetReadObjects({
      ...{ file, metadata: this.metadata, columns: [...columns], utf8: false },
      ...(rows && { rowStart: rows.first, rowEnd: rows.end }),
      compressors: { GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }) },
    });
  }

  private rowsOf(archive: IndexedArchive): { first: number; end: number } {
    let first = 0;
    for (const one of this.head.archives) {
      if (one === archive) break;
      first += one.folders;
    }
    return { first, end: first + archive.folders };
  }
}

/** Places in a stream are those of the unpacked bytes, whose number nobody knows beforehand. */
const lengthOf = ({ format, byteLength }: IndexedArchive) =>
  format === "tar.gz" ? Number.MAX_SAFE_INTEGER : byteLength;

/** Whatever is not as it should be in an index is one fault, which names the place. */
async function sound<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFault(error) || (error as Error).name === "AbortError") throw error;
    const [line] = (error as Error).message.split("\n");
    throw new EtlError("bad-table", `${where}: not an index of archives, or damaged (${line}); get it again`, error);
  }
}
