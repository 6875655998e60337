import {
  DataType,
  type Field,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
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

type Writer = QueuedFile | QueuedStream;
type Rows = AsyncIterable<Row>;

/** Writes an Arrow IPC file, uncompressed, a record batch at a time, each on disk before the next is built. */
export const writeArrow = (path: string, rows: Rows, options: WriteOptions) =>
  written(path, rows, options, new QueuedFile());

/** The same batches as a stream: what `Dataset.from_file` maps into memory. */
export const writeArrowStream = (path: string, rows: Rows, options: WriteOptions) =>
  written(path, rows, options, new QueuedStream());

function written(path: string, rows: Rows, options: WriteOptions, writer: Writer): Promise<Written> {
  const { columns } = options;
  return createFile(path, async (sink) => {
    const schema = arrowSchema(columns, options.layout);
    writer.reset(undefined, schema);
    for await (const batch of batches(rows, options)) {
      for (const row of batch)
        if (rowBytes(row, columns) > MAX_BATCH_BYTES)
          throw new EtlError("limit-exceeded", `${row.id}: a row of more than 2 GiB does not fit an Arrow batch`);
      writer.write(recordBatch(schema, batch));
      await writer.queue.drain(sink);
    }
    writer.finish();
    await writer.queue.drain(sink);
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

/** What the library writes, until it is on disk: its own queue never waits. */
class Queue {
  private chunks: Uint8Array[] = [];
  /** The number of bytes. A view may be of memory that the builder uses again; it is on disk before the next batch is built. */
  push({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    if (byteLength > 0) this.chunks.push(new Uint8Array(buffer, byteOffset, byteLength));
    return byteLength;
  }
  async drain(sink: Sink): Promise<void> {
    const full = this.chunks;
    this.chunks = [];
    for (const bytes of full) await sink.write(bytes);
  }
}

class QueuedFile extends RecordBatchFileWriter {
  readonly queue = new Queue();
  protected override _write(chunk: ArrayBufferView): this {
    this._position += this.queue.push(chunk);
    return this;
  }
}
class QueuedStream extends RecordBatchStreamWriter {
  readonly queue = new Queue();
  protected override _write(chunk: ArrayBufferView): this {
    this._position += this.queue.push(chunk);
    return this;
  }
}
