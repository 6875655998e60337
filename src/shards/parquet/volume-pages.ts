import type { RowGroup } from "hyparquet";
import type { ColumnSource, ParquetWriter } from "hyparquet-writer";
import type { ColumnName } from "../columns.ts";

type Chunk = RowGroup["columns"][number];

/**
 * The volumes of a row group, each written as soon as it is there, a page a row: no row group of them is ever held. Their chunk
 * lies before the group's others in the file; a chunk's place among columns is what the footer says, not where it lies.
 */
export class VolumePages {
  private readonly parquet: ParquetWriter;
  private pages: Chunk[] = [];
  constructor(parquet: ParquetWriter) {
    this.parquet = parquet;
  }

  /** Writes the page of one row: a row group of its own, which is taken back for the one that it belongs to. */
  write(volume: ColumnSource): void {
    const { parquet } = this;
    parquet.write({ columnData: [volume], rowGroupSize: 1 });
    parquet.num_rows -= 1n;
    parquet.pendingIndexes.pop();
    this.pages.push(...parquet.row_groups.pop()!.columns);
  }

  /** Joins the pages to a chunk of the group that was written last, which has the other columns of the same rows. */
  close(columns: readonly ColumnName[]): void {
    const pages = this.pages.map(({ meta_data }) => meta_data!);
    this.pages = [];
    if (!pages[0]) return;
    const sum = (key: "num_values" | "total_uncompressed_size" | "total_compressed_size") =>
      pages.reduce((total, page) => total + page[key], 0n);
    const meta_data = {
      ...pages[0],
      num_values: sum("num_values"),
      total_uncompressed_size: sum("total_uncompressed_size"),
      total_compressed_size: sum("total_compressed_size"),
    };
    const chunk: Chunk = { file_offset: meta_data.data_page_offset, meta_data };
    const page_locations = pages.map(({ data_page_offset, total_compressed_size }, row) => ({
      offset: data_page_offset,
      compressed_page_size: Number(total_compressed_size),
      first_row_index: BigInt(row),
    }));
    this.parquet.pendingIndexes.push(pages.length > 1 ? { chunk, offsetIndex: { page_locations } } : { chunk });

    const group = this.parquet.row_groups.at(-1)!;
    const place = columns.indexOf("volume");
    const before = group.columns.filter(
      (one) => columns.indexOf(one.meta_data!.path_in_schema[0] as ColumnName) < place,
    );
    group.columns.splice(before.length, 0, chunk);
    group.total_byte_size += meta_data.total_uncompressed_size;
    group.total_compressed_size! += meta_data.total_compressed_size;
  }
}
