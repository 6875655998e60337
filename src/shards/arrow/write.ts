import {
  DataType,
  type Field,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  Struct,
} from "apache-arrow";
import { EtlError } from "../../errors.ts";
import { createFile, type Sink, type Written } from "../../files/written-file.ts";
import type { Row } from "../../model/row.ts";
import { batches } from "../batches.ts";
import { rowBytes } from "../columns.ts";
import type { WriteOptions } from "../shard-format.ts";
import { arrowSchema } from "./schema.ts";

/** Binary cells of a batch are found by signed 32-bit offsets: beyond this the file would be silently wrong. */
const MAX_BATCH_BYTES = 2 ** 31 - 1;

/** Writes an Arrow IPC file, uncompressed, a record batch at a time, each on disk before the next is built. */
export async function writeArrow(path: string, rows: AsyncIterable<Row>, options: WriteOptions): Promise<Written> {
  const { columns } = options;
  return createFile(path, async (sink) => {
    const schema = arrowSchema(columns, options.layout);
    const writer = new QueueWriter();
    writer.reset(undefined, schema);
    for await (const batch of batches(rows, options)) {
      for (const row of batch)
        if (rowBytes(row, columns) > MAX_BATCH_BYTES)
          throw new EtlError("limit-exceeded", `${row.id}: a row of more than 2 GiB does not fit an Arrow batch`);
      writer.write(recordBatch(schema, batch));
      await writer.drain(sink);
    }
    writer.finish();
    await writer.drain(sink);
  });
}

function recordBatch(schema: Schema, rows: readonly Row[]): RecordBatch {
  const children = schema.fields.map((field) => {
    const builder = makeBuilder({ type: field.type, nullValues: [null, undefined] });
    for (const row of rows) builder.append(cellIn(row as Record<string, unknown>, field));
    return builder.finish().flush();
  });
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }),
  );
}

function cellIn(row: Readonly<Record<string, unknown>>, { name, type }: Field): unknown {
  const cell = row[name] ?? null;
  return name === "volume" && cell !== null && DataType.isStruct(type) ? { bytes: cell } : cell;
}

/** The library's file writer with a queue of ours behind it: its own never waits for the disk. */
class QueueWriter extends RecordBatchFileWriter {
  private queue: Uint8Array[] = [];
  protected override _write(chunk: ArrayBufferView): this {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    // A view may be of memory that the builder uses again; it is on disk before the next batch is built.
    if (bytes.byteLength > 0) this.queue.push(bytes);
    this._position += bytes.byteLength;
    return this;
  }
  async drain(sink: Sink): Promise<void> {
    const full = this.queue;
    this.queue = [];
    for (const bytes of full) await sink.write(bytes);
  }
}
