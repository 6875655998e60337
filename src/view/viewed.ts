import type { ByteSource } from "../bytes/byte-source.ts";

/** What the page is told first. */
export interface ViewedInfo {
  readonly title: string;
  readonly revision: string;
  /** Shards are read in the page by Range; of archives the server assembles one series at a time. */
  readonly kind: "shards" | "archives";
  /** Where the files lie, seen from the page: relative to it, or an address on the Hub for an exported page. */
  readonly base: string;
  /** The files that the page may ask for, with their sizes: it then asks for exact ranges alone. */
  readonly files: Readonly<Record<string, number>>;
  /** What the reader should know before the list is believed. */
  readonly notes: readonly string[];
}

/** A data set that is looked at: nothing that it does not name can be asked for. */
export interface Viewed {
  readonly info: ViewedInfo;
  file(path: string): ByteSource | undefined;
  readonly archives?: ArchiveRows;
  close(): Promise<void>;
}

/** Series that are in no shard yet. */
export interface ArchiveRows {
  /** Columns of the list, by name. */
  list(): Readonly<Record<string, readonly unknown[]>>;
  /** A series' light columns and its encoded slices; undefined where the list does not hold it. */
  series(id: string, signal: AbortSignal): Promise<ReadSeries | undefined>;
}

export interface ReadSeries {
  readonly row: Readonly<Record<string, unknown>>;
  readonly slices: readonly Uint8Array[];
}

/** The names that a conversion gives its shards; other files of a folder are not served. */
export const SHARD = /^data\/[\w.]+-\d{5,}-of-\d{5,}\.(?:parquet|arrow)$/;
export const INDEX = "index.parquet";
