import { ByteWriter, type ParquetWriter } from "hyparquet-writer";
import { EtlError } from "../../errors.ts";
import { collectEvery } from "../../memory/collect-garbage.ts";
import type { VolumeLayout } from "../columns.ts";
import { appendPage, codecs, mostPageBytes, type Packing, plainPageBytes } from "./codecs.ts";
import { writePageHeader } from "./hyparquet-writer-internals.ts";

/** What a chunk is to the writer: its place in the footer, and where its pages begin. */
type PageIndexes = ParquetWriter["pendingIndexes"][number];

/** Its header, and where what follows lies in memory. */
interface Page {
  readonly header: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** What all of it would have without compression. */
  readonly plainBytes: number;
}

/** The format has 31 bits for it. */
const MAX_PAGE_BYTES = 0x7fff_ffff;
/** What a compressor gives has memory of its own: given back after so many plain bytes. */
const COLLECT_EVERY_BYTES = 8 << 20;
/** A float32 volume of the authors' size: alone in its group by default, it should not need new memory each time. */
const ORDINARY_VOLUME_BYTES = 8 << 20;

/**
 * The volumes of a row group, a page a row, each made as soon as its row is there: until the group is full, what is held is
 * their pages, compressed, and not the volumes.
 */
export class VolumePages {
  private readonly packing: Packing;
  private readonly leaf: readonly string[];
  /** What the pages of an ordinary group have at most. */
  private readonly groupBytes: number;
  private memory: ByteWriter;
  private pages: Page[] = [];
  private readonly made = collectEvery(COLLECT_EVERY_BYTES);

  /** Room for a group from the start, which then does not move; memory that nothing is written to costs nothing. */
  constructor(packing: Packing, groupBytes: number, layout?: VolumeLayout) {
    this.packing = packing;
    this.leaf = layout === "binary" ? ["volume"] : ["volume", "bytes"];
    this.groupBytes = mostPageBytes(Math.max(groupBytes, ORDINARY_VOLUME_BYTES));
    this.memory = new ByteWriter(this.groupBytes);
  }

  /** Throws "limit-exceeded" where the page might have 2 GiB: the format cannot say so much. */
  add(volume: Uint8Array | null): void {
    const most = mostPageBytes(volume?.byteLength ?? 0);
    if (most > MAX_PAGE_BYTES)
      throw new EtlError("limit-exceeded", `a volume of ${volume?.byteLength} bytes: too large for a page of Parquet`);
    // It is alone in its group then.
    if (this.memory.index === 0 && most > this.memory.buffer.byteLength) this.memory = new ByteWriter(most);
    this.pages.push(this.page(volume));
    this.made(volume?.byteLength ?? 0);
  }

  /** Writes the pages to another file, and gives the chunk that they make there. */
  moveTo({ writer }: ParquetWriter): PageIndexes {
    const { pages } = this;
    const bytes = this.memory.getBytes();
    const start = BigInt(writer.offset);
    const page_locations = pages.map(({ header, start, end }, row) => {
      const offset = writer.offset;
      writer.appendBytes(header);
      writer.appendBytes(bytes.subarray(start, end));
      const compressed_page_size = writer.offset - offset;
      return { offset: BigInt(offset), compressed_page_size, first_row_index: BigInt(row) };
    });
    const meta_data = {
      type: "BYTE_ARRAY" as const,
      encodings: ["PLAIN" as const],
      path_in_schema: [...this.leaf],
      codec: codecs[this.packing.codec],
      num_values: BigInt(pages.length),
      total_uncompressed_size: BigInt(pages.reduce((sum, { plainBytes }) => sum + plainBytes, 0)),
      total_compressed_size: BigInt(writer.offset) - start,
      data_page_offset: start,
    };
    if (this.memory.buffer.byteLength > this.groupBytes) this.memory = new ByteWriter(this.groupBytes);
    this.memory.index = 0;
    this.pages = [];
    const chunk = { file_offset: start, meta_data };
    return page_locations.length > 1 ? { chunk, offsetIndex: { page_locations } } : { chunk };
  }

  private page(volume: Uint8Array | null): Page {
    const { memory, packing } = this;
    const start = memory.index;
    // One group of eight levels, packed into bits, as the library has it: the first tells how deep the value is there.
    const levels = new Uint8Array(1 + this.leaf.length);
    levels.set([(1 << 1) | 1, volume ? this.leaf.length : 0]);
    memory.appendBytes(levels);
    appendPage(memory, packing, volume);
    const end = memory.index;
    const uncompressed_page_size = levels.byteLength + plainPageBytes(volume);
    const header = new ByteWriter();
    writePageHeader(header, {
      type: "DATA_PAGE_V2",
      uncompressed_page_size,
      compressed_page_size: end - start,
      data_page_header_v2: {
        num_values: 1,
        num_nulls: volume ? 0 : 1,
        num_rows: 1,
        encoding: "PLAIN",
        definition_levels_byte_length: levels.byteLength,
        repetition_levels_byte_length: 0,
        is_compressed: true,
      },
    });
    return { header: header.getBytes(), start, end, plainBytes: header.index + uncompressed_page_size };
  }
}
