import parquetjs, {
  type ParquetEnvelopeWriter,
  type ParquetWriter,
  type RowBuffer,
  type RowGroup,
} from "parquetjs-lite";
import { createFile, fileQueue, type Written } from "../../files/written-file.ts";
import type { Row } from "../../model/row.ts";
import { batches } from "../batches.ts";
import { features } from "../features.ts";
import type { WriteOptions } from "../shard-format.ts";
import { decodeThrift, PageHeader } from "./parquetjs-lite-internals.ts";
import { nested, parquetjsSchema } from "./schema.ts";

/** A page a row. Row groups are cut here, by bytes; the library counts rows. */
const BY_HAND = { rowGroupSize: Number.POSITIVE_INFINITY, pageSize: 1, useDataPageV2: true };

/** Writes rows with parquetjs-lite: slower than the default, for those who want a second writer's opinion. */
export async function writeParquetJs(path: string, rows: AsyncIterable<Row>, options: WriteOptions): Promise<Written> {
  const { columns, layout } = options;
  return createFile(path, async (sink) => {
    const queue = fileQueue(sink);
    // The library does not wait for all of its writes, so none may fail in its hands.
    const push = async (bytes: Buffer) => queue.push(bytes);
    const schema = parquetjsSchema(options);
    const envelope = new parquetjs.ParquetEnvelopeWriter(schema, push, async () => {}, 0, BY_HAND);
    const writer = new parquetjs.ParquetWriter(schema, envelope, BY_HAND);
    writer.setMetadata("huggingface", JSON.stringify(features(columns, layout)));
    for await (const batch of batches(rows, options)) {
      await writeGroup(writer, envelope, batch, options);
      await queue.flush();
    }
    await writer.close();
    await queue.flush();
  });
}

async function writeGroup(
  writer: ParquetWriter,
  envelope: ParquetEnvelopeWriter,
  batch: readonly Row[],
  { columns, layout }: WriteOptions,
): Promise<void> {
  for (const row of batch) {
    const cells = row as Readonly<Record<string, unknown>>;
    await writer.appendRow(Object.fromEntries(columns.map((name) => [name, nested(name, cells[name], layout)])));
  }
  const group = writer.rowBuffer;
  // The library adds a count that its pages do not have; as there is a page a row, the first row is the page's number.
  for (const pages of pagesOf(group)) for (const [row, page] of pages.entries()) page.first_row_index = row;
  await writeColumns(envelope, group);
  correct(envelope.rowGroups.at(-1)!, group);
  writer.rowBuffer = {};
}

/** A column at a time: for each that follows the volumes, the library would copy all of the group before it once more. */
async function writeColumns(envelope: ParquetEnvelopeWriter, group: RowBuffer): Promise<void> {
  const { schema, rowCount, rowGroups } = envelope;
  const at = rowGroups.length;
  for (const field of schema.fieldList) {
    envelope.schema = { fieldList: [field] };
    await envelope.writeRowGroup(group);
  }
  envelope.schema = schema;
  const whole = rowGroups[at]!;
  for (const { columns } of rowGroups.splice(at + 1)) whole.columns.push(...columns);
  envelope.rowCount = rowCount + group.rowCount!;
}

function pagesOf({ pages = {} }: RowBuffer) {
  return Object.values(pages).filter((column) => column.length > 0);
}

/**
 * Puts right what the library says of a row group: it takes sizes after compression for those before, and leaves out of
 * its column indexes what the format requires, so that a strict reader would refuse the file.
 */
function correct(group: RowGroup, rows: RowBuffer): void {
  group.total_byte_size = 0;
  for (const [at, pages] of pagesOf(rows).entries()) {
    const { meta_data } = group.columns[at]!;
    delete meta_data.columnIndex;
    meta_data.total_uncompressed_size = pages.reduce((sum, { page }) => sum + uncompressedBytes(page), 0);
    group.total_byte_size += meta_data.total_uncompressed_size;
  }
}

function uncompressedBytes(page: Buffer): number {
  const header = new PageHeader();
  const headerBytes = decodeThrift(header, page);
  return headerBytes + header.uncompressed_page_size;
}
