import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet";
import { rangeFile } from "./range-file.ts";

export type Cells = Record<string, unknown>;

interface Open {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly compressors: Compressors;
}

/** A bundle of its own, which is loaded where a file's codec is none of those that hyparquet has. */
const BUNDLE = "./codecs.js";
const OWN = new Set(["UNCOMPRESSED", "SNAPPY"]);
async function compressorsFor({ row_groups }: FileMetaData): Promise<Compressors> {
  const columns = row_groups.flatMap((group) => group.columns);
  if (columns.every(({ meta_data }) => OWN.has(meta_data?.codec ?? "UNCOMPRESSED"))) return {};
  return ((await import(BUNDLE)) as typeof import("./codecs.ts")).codecs;
}

/** Most footers are smaller; what is larger takes a second request. */
const FOOTER_BYTES = 16 << 10;
/** Of an index that is read whole, in one request; a larger one is read by columns. */
const WHOLE_BYTES = 64 << 20;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const reading = {
  utf8: false,
  useOffsetIndex: true,
  geoparquet: false,
  // hyparquet's own would take a byte order mark off, which is part of a report's text.
  parsers: { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes) },
};

/** Parquet files by their paths; a footer is read once. */
export class Shards {
  private readonly open = new Map<string, Promise<Open>>();
  private readonly base: string;
  private readonly sizes: Readonly<Record<string, number>>;
  constructor(base: string, sizes: Readonly<Record<string, number>>) {
    this.base = base;
    this.sizes = sizes;
  }

  /** These columns of the rows [start, end). */
  async rows(path: string, columns: readonly string[] | undefined, start?: number, end?: number): Promise<Cells[]> {
    const { file, metadata, compressors } = await this.of(path);
    const had = new Set(metadata.schema.map(({ name }) => name));
    const wanted = columns?.filter((name) => had.has(name));
    if (wanted?.length === 0) return [];
    return parquetReadObjects({
      ...reading,
      file,
      metadata,
      compressors,
      ...(wanted && { columns: wanted }),
      ...(start !== undefined && end !== undefined && { rowStart: start, rowEnd: end }),
    });
  }

  async has(path: string, column: string): Promise<boolean> {
    return (await this.of(path)).metadata.schema.some(({ name }) => name === column);
  }

  /** The rows [start, end) of the row group that holds a row. */
  async groupOf(path: string, row: number): Promise<readonly [number, number]> {
    let start = 0;
    for (const { num_rows } of (await this.of(path)).metadata.row_groups) {
      if (row < start + Number(num_rows)) return [start, start + Number(num_rows)];
      start += Number(num_rows);
    }
    throw new Error(`${path}: has no row ${row}`);
  }

  private of(path: string): Promise<Open> {
    const known = this.open.get(path);
    if (known) return known;
    const opened = this.opened(path);
    this.open.set(path, opened);
    // What failed may be there when it is asked for again.
    opened.catch(() => this.open.delete(path));
    return opened;
  }

  private async opened(path: string): Promise<Open> {
    const size = Object.hasOwn(this.sizes, path) ? this.sizes[path]! : undefined;
    if (size === undefined) throw new Error(`${path} is not there`);
    if (path.endsWith(".arrow"))
      throw new Error(
        "Pictures are shown of Parquet shards; these are Arrow. Convert with --format parquet to see them.",
      );
    let file = rangeFile(this.base + path.split("/").map(encodeURIComponent).join("/"), size);
    if (path === "index.parquet" && size <= WHOLE_BYTES) {
      const whole = await file.slice(0, size);
      file = { byteLength: size, slice: (start, end) => whole.slice(start, end) };
    }
    const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES, geoparquet: false });
    return { file, metadata, compressors: await compressorsFor(metadata) };
  }
}
