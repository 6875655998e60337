import type { Written } from "../files/written-file.ts";
import type { ColumnName } from "../model/columns.ts";
import type { IndexRow, Row } from "../model/row.ts";
import type { VolumeLayout } from "./columns.ts";

export interface WriteOptions {
  /** Columns to write, in order. */
  readonly columns: readonly ColumnName[];
  /** Uncompressed bytes after which a row group (Parquet) or record batch (Arrow) is closed. */
  readonly rowGroupBytes: number;
  /** How volumes lie in the file; left out: in a struct. */
  readonly layout?: VolumeLayout | undefined;
  /** Of Parquet; record batches are never compressed. parquetjs-lite knows the first three. */
  readonly codec: "none" | "snappy" | "gzip" | "lz4" | "zstd";
  /** Told of what of a row is written, all of it or its cells apart: nobody looks at these bytes any more. */
  readonly release?: ((cells: Partial<Pick<Row, "volume" | "slices">>) => void) | undefined;
}

export interface OpenShard {
  readonly rowCount: number;
  /** Column names in order. */
  readonly columns: readonly string[];
  /** The JSON under the `huggingface` key of the metadata, or null. */
  readonly features: unknown;
  /** Rows in order, with the named columns (all where none are named; the others null); holds one row group in memory. */
  rows(columns?: readonly ColumnName[]): AsyncIterable<Row>;
}

/** A columnar file format. The same rows and options give the same bytes, always. */
export interface ShardFormat {
  readonly name: string;
  readonly extension: string;
  /** Writes `path` (which must not exist), fsyncs and closes it; memory is bounded by one row group. */
  write(path: string, rows: AsyncIterable<Row | IndexRow>, options: WriteOptions): Promise<Written>;
  open(path: string): Promise<OpenShard>;
}
