import type { FileHandle } from "node:fs/promises";
import { Message } from "apache-arrow";
import { EtlError } from "../../errors.ts";
import { readRange, withFile } from "../../files/written-file.ts";
import type { ColumnType } from "../../model/column-types.ts";
import { type ColumnName, columnTable } from "../../model/columns.ts";
import type { Row } from "../../model/row.ts";
import { typeIn } from "../columns.ts";
import type { OpenShard } from "../shard-format.ts";
import { toRow } from "../to-row.ts";
import { type BatchHeader, type FileBlock, Footer } from "./apache-arrow-internals.ts";
import { columnCells, partsOf } from "./column-cells.ts";
import { arrowType } from "./schema.ts";

/** The footer's length, then the magic bytes. */
const TAIL_BYTES = 10;
const MAGIC = "ARROW1";

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

/** Opens an Arrow IPC file that this project wrote. Only the columns asked for are read: the library's reader takes all. */
export async function openArrow(path: string): Promise<OpenShard> {
  return withFile(path, async (file) => {
    const footer = await readFooter(file, path);
    const names = footer.schema.fields.map((field) => field.name as ColumnName);
    const types = footer.schema.fields.map(({ name, type }) => {
      const known = layouts.map((layout) => name in columnTable && typeIn(layout, name as ColumnName));
      const found = known.find((one) => one && String(type) === String(arrowType(one)));
      if (found) return found;
      throw new EtlError("not-verified", `${path}: not a shard that voxshard wrote: column ${name} is ${type}`);
    });
    const batches: Batch[] = [];
    for (const block of footer.recordBatches()) batches.push(await readBatch(file, block));
    const known = footer.schema.metadata.get("huggingface");
    return {
      rowCount: batches.reduce((sum, { header }) => sum + header.length, 0),
      columns: names,
      features: known === undefined ? null : JSON.parse(known),
      rows: (columns = names) => readRows(path, batches, { names, types }, columns),
    };
  });
}

async function readFooter(file: FileHandle, path: string): Promise<Footer> {
  const { size } = await file.stat();
  const tail = size < TAIL_BYTES ? undefined : Buffer.from(await readRange(file, size - TAIL_BYTES, size));
  const start = tail?.toString("latin1", 4) === MAGIC ? size - TAIL_BYTES - tail.readInt32LE(0) : -1;
  if (start < 0) throw new EtlError("not-verified", `${path}: not an Arrow file, or cut short`);
  return Footer.decode(await readRange(file, start, size - TAIL_BYTES));
}

async function readBatch(file: FileHandle, { offset, metaDataLength }: FileBlock): Promise<Batch> {
  // Before the message lie a continuation mark and the message's length.
  const message = Message.decode(await readRange(file, offset + 8, offset + metaDataLength));
  return { header: message.header() as BatchHeader, bodyStart: offset + metaDataLength };
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
