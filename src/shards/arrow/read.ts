import type { FileHandle } from "node:fs/promises";
import { Message, type Schema } from "apache-arrow";
import { EtlError } from "../../errors.ts";
import { readRange, withFile } from "../../files/written-file.ts";
import type { ColumnType } from "../../model/column-types.ts";
import { type ColumnName, columnTable } from "../../model/columns.ts";
import type { Row } from "../../model/row.ts";
import { typeIn } from "../columns.ts";
import type { OpenShard } from "../shard-format.ts";
import { toRow } from "../to-row.ts";
import { type BatchHeader, Footer } from "./apache-arrow-internals.ts";
import { columnCells, partsOf } from "./column-cells.ts";
import { arrowType } from "./schema.ts";

/** The footer's length, then the magic bytes. */
const TAIL_BYTES = 10;
const MAGIC = "ARROW1";
const MAGIC_BYTES = 8;
/** Before each message: a mark that says so, and its length; none has a length of 0, which ends a stream. */
const PREFIX_BYTES = 8;
const CONTINUES = -1;

const layouts = ["struct", "binary"] as const;
interface Columns {
  readonly names: readonly ColumnName[];
  readonly types: readonly ColumnType[];
}

interface Batch {
  readonly header: BatchHeader;
  /** Where its buffers start in the file. */
  readonly bodyStart: number;
}

/** What a file says of itself before any of its cells is read. */
interface Directory {
  readonly schema: Schema;
  readonly batches: readonly Batch[];
}

/** Opens an Arrow IPC file or stream that this project wrote. Only the columns asked for are read: the library's reader takes all. */
export async function openArrow(path: string): Promise<OpenShard> {
  const { schema, batches } = await withFile(path, (file) => directoryOf(file, path));
  const names = schema.fields.map((field) => field.name as ColumnName);
  const types = schema.fields.map(({ name, type }) => {
    const known = layouts.map((layout) => name in columnTable && typeIn(layout, name as ColumnName));
    const found = known.find((one) => one && String(type) === String(arrowType(one)));
    if (found) return found;
    throw new EtlError("not-verified", `${path}: not a shard that voxshard wrote: column ${name} is ${type}`);
  });
  const known = schema.metadata.get("huggingface");
  return {
    rowCount: batches.reduce((sum, { header }) => sum + header.length, 0),
    columns: names,
    features: known === undefined ? null : JSON.parse(known),
    rows: (columns = names) => readRows(path, batches, { names, types }, columns),
  };
}

const cut = (path: string) => new EtlError("not-verified", `${path}: not an Arrow file, or cut short`);

/** A file has it at its end; a stream is walked from message to message. */
async function directoryOf(file: FileHandle, path: string): Promise<Directory> {
  const { size } = await file.stat();
  if (size < MAGIC_BYTES) throw cut(path);
  const head = Buffer.from(await readRange(file, 0, MAGIC_BYTES));
  if (head.readInt32LE(0) === CONTINUES) return streamed(file, size, path);
  const footer = await readFooter(file, size, path);
  const batches: Batch[] = [];
  for (const { offset, metaDataLength } of footer.recordBatches()) {
    const { message, bodyStart } = await readMessage(file, offset, metaDataLength);
    batches.push({ header: message.header() as BatchHeader, bodyStart });
  }
  return { schema: footer.schema, batches };
}

async function readFooter(file: FileHandle, size: number, path: string): Promise<Footer> {
  const tail = size < TAIL_BYTES ? undefined : Buffer.from(await readRange(file, size - TAIL_BYTES, size));
  const start = tail?.toString("latin1", 4) === MAGIC ? size - TAIL_BYTES - tail.readInt32LE(0) : -1;
  if (start < 0) throw cut(path);
  return Footer.decode(await readRange(file, start, size - TAIL_BYTES));
}

async function streamed(file: FileHandle, size: number, path: string): Promise<Directory> {
  let schema: Schema | undefined;
  const batches: Batch[] = [];
  for (let at = 0; ; ) {
    if (at + PREFIX_BYTES > size) throw cut(path);
    const prefix = Buffer.from(await readRange(file, at, at + PREFIX_BYTES));
    const length = prefix.readInt32LE(4);
    if (prefix.readInt32LE(0) !== CONTINUES || length < 0 || at + length > size) throw cut(path);
    if (length === 0) break;
    const { message, bodyStart } = await readMessage(file, at, PREFIX_BYTES + length);
    if (message.isSchema()) schema = message.header();
    else batches.push({ header: message.header() as BatchHeader, bodyStart });
    at = bodyStart + message.bodyLength;
  }
  if (!schema) throw cut(path);
  return { schema, batches };
}

async function readMessage(file: FileHandle, offset: number, length: number) {
  const message = Message.decode(await readRange(file, offset + PREFIX_BYTES, offset + length));
  return { message, bodyStart: offset + length };
}

async function* readRows(
  path: string,
  batches: readonly Batch[],
  had: Columns,
  wanted: readonly ColumnName[],
): AsyncGenerator<Row> {
  for (const batch of batches) {
    const columns = await withFile(path, (file) => readColumns(file, batch, had, wanted));
    for (let at = 0; at < batch.header.length; at++)
      yield toRow(Object.fromEntries(columns.map(([name, cells]) => [name, cells[at]])));
  }
}

type Cells = readonly [name: ColumnName, cells: readonly unknown[]];

/** A batch has its columns one after another: those that are not wanted are stepped over. */
async function readColumns(
  file: FileHandle,
  { header, bodyStart }: Batch,
  { names, types }: Columns,
  wanted: readonly ColumnName[],
): Promise<readonly Cells[]> {
  const columns: Cells[] = [];
  let [node, buffer] = [0, 0];
  for (const [at, name] of names.entries()) {
    const type = types[at]!;
    const { nodes, buffers } = partsOf(type);
    if (wanted.includes(name)) {
      const regions = header.buffers.slice(buffer, buffer + buffers);
      const [first, last] = [regions[0]!, regions.at(-1)!];
      const bytes = await readRange(file, bodyStart + first.offset, bodyStart + last.offset + last.length);
      let [nextNode, nextRegion] = [node, 0];
      const parts = {
        node: () => header.nodes[nextNode++]!,
        buffer: () => {
          const { offset, length } = regions[nextRegion++]!;
          return bytes.subarray(offset - first.offset, offset - first.offset + length);
        },
      };
      columns.push([name, columnCells(type, parts)]);
    }
    node += nodes;
    buffer += buffers;
  }
  return columns;
}
