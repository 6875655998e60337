import { open } from "node:fs/promises";
import { type AsyncRecordBatchFileReader, type RecordBatch, RecordBatchReader, Vector } from "apache-arrow";
import type { Row } from "../../model/row.ts";
import { type ColumnName, columnTypes } from "../columns.ts";
import type { OpenShard } from "../shard-format.ts";

/** Opens an Arrow IPC file; batches are read one by one. */
export async function openArrow(path: string): Promise<OpenShard> {
  return withReader(path, async (reader) => {
    let rowCount = 0;
    for (let at = 0; at < reader.numRecordBatches; at++) rowCount += (await reader.readRecordBatch(at))?.numRows ?? 0;
    const known = reader.schema.metadata.get("huggingface");
    return {
      rowCount,
      columns: reader.schema.fields.map((field) => String(field.name)),
      features: known === undefined ? null : JSON.parse(known),
      rows: (columns) => readRows(path, columns),
    };
  });
}

async function* readRows(path: string, columns: readonly ColumnName[] | undefined): AsyncGenerator<Row> {
  const file = await open(path, "r");
  try {
    const reader = await openReader(file);
    for (let at = 0; at < reader.numRecordBatches; at++) {
      const batch = await reader.readRecordBatch(at);
      for (let row = 0; row < (batch?.numRows ?? 0); row++) yield toRow(batch!, row, columns);
    }
  } finally {
    await file.close().catch(() => {});
  }
}

async function openReader(file: Awaited<ReturnType<typeof open>>): Promise<AsyncRecordBatchFileReader> {
  const reader = (await RecordBatchReader.from(file)) as unknown as AsyncRecordBatchFileReader;
  await reader.open();
  return reader;
}

async function withReader<T>(path: string, use: (reader: AsyncRecordBatchFileReader) => Promise<T>): Promise<T> {
  const file = await open(path, "r");
  try {
    return await use(await openReader(file));
  } finally {
    await file.close().catch(() => {});
  }
}

function toRow(batch: RecordBatch, at: number, columns: readonly ColumnName[] | undefined): Row {
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(columnTypes) as ColumnName[]) {
    const value = columns && !columns.includes(name) ? null : cellOf(batch, name, at);
    if (value !== null || (name !== "shard" && name !== "row")) row[name] = value;
  }
  return row as Row;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Texts are decoded here: the library would take a byte order mark off, which is part of a report. */
function cellOf(batch: RecordBatch, name: ColumnName, at: number): unknown {
  const column = batch.getChild(name);
  const data = column?.data[0];
  if (columnTypes[name] !== "string" || !data?.getValid(at)) return plain(column?.get(at));
  const { values, valueOffsets } = data as unknown as { values: Uint8Array; valueOffsets: Int32Array };
  return decoder.decode(values.subarray(valueOffsets[at], valueOffsets[at + 1]));
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Vector) return Array.from(value, plain);
  if (value instanceof Uint8Array || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries((value as { toJSON(): object }).toJSON()).map(([name, item]) => [name, plain(item)]),
  );
}
