import { ByteWriter, type ColumnSource, ParquetWriter } from "hyparquet-writer";

/** What a chunk is to the writer: its place in the footer, and where its pages begin. */
type PageIndexes = ParquetWriter["pendingIndexes"][number];

/**
 * The volumes of a row group, a page a row, each made as soon as its row is there: until the group is full, what is held is
 * their pages, compressed, and not the volumes.
 */
export class VolumePages {
  private readonly memory: ByteWriter;
  /** A file of volumes that is never finished: each row is a row group. */
  private readonly parquet: ParquetWriter;

  /** Room for `groupBytes` from the start, which then does not move; memory that nothing is written to costs nothing. */
  constructor(options: Omit<ConstructorParameters<typeof ParquetWriter>[0], "writer">, groupBytes: number) {
    this.memory = new ByteWriter(groupBytes);
    this.parquet = new ParquetWriter({ ...options, writer: this.memory });
    this.rewind();
  }

  add(volume: ColumnSource): void {
    this.parquet.write({ columnData: [volume], rowGroupSize: 1 });
  }

  /** Writes the pages to another file, and gives the chunk that they make there. */
  moveTo({ writer }: ParquetWriter): PageIndexes {
    const pages = this.parquet.row_groups.map(({ columns }) => columns[0]!.meta_data!);
    const sum = (key: "num_values" | "total_uncompressed_size" | "total_compressed_size") =>
      pages.reduce((total, page) => total + page[key], 0n);
    const start = BigInt(writer.offset);
    const meta_data = {
      ...pages[0]!,
      num_values: sum("num_values"),
      total_uncompressed_size: sum("total_uncompressed_size"),
      total_compressed_size: sum("total_compressed_size"),
      data_page_offset: start,
    };
    const page_locations = pages.map(({ data_page_offset, total_compressed_size }, row) => ({
      offset: start + data_page_offset,
      compressed_page_size: Number(total_compressed_size),
      first_row_index: BigInt(row),
    }));
    writer.appendBytes(this.memory.getBytes());
    this.rewind();
    const chunk = { file_offset: start, meta_data };
    return pages.length > 1 ? { chunk, offsetIndex: { page_locations } } : { chunk };
  }

  private rewind(): void {
    this.memory.index = 0;
    this.memory.offset = 0;
    this.parquet.row_groups = [];
    this.parquet.pendingIndexes = [];
  }
}
