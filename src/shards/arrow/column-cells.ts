import { type ColumnType, elementOf, fieldsOf } from "../../model/column-types.ts";

export interface Node {
  readonly length: number;
  readonly nullCount: number;
}

/** Nodes and buffers of a record batch, in the order of its columns. */
export interface Parts {
  node(): Node;
  buffer(): Uint8Array<ArrayBuffer>;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** How many nodes and buffers a column takes: to find one without the others. */
export function partsOf(type: ColumnType): { nodes: number; buffers: number } {
  const element = elementOf(type);
  if (element) {
    const { nodes, buffers } = partsOf(element);
    return { nodes: nodes + 1, buffers: buffers + 2 };
  }
  const fields = fieldsOf(type);
  if (fields) {
    const inner = fields.map(([, one]) => partsOf(one));
    const sum = (what: "nodes" | "buffers") => inner.reduce((total, one) => total + one[what], 1);
    return { nodes: sum("nodes"), buffers: sum("buffers") };
  }
  return { nodes: 1, buffers: type === "int32" ? 2 : 3 };
}

/** Every cell of a column. Binary cells are views of the batch. */
export function columnCells(type: ColumnType, parts: Parts): unknown[] {
  const { length, nullCount } = parts.node();
  const bitmap = parts.buffer();
  const cells = presentCells(type, length, parts);
  if (nullCount > 0) for (let at = 0; at < length; at++) if (!(bitmap[at >> 3]! & (1 << (at & 7)))) cells[at] = null;
  return cells;
}

function presentCells(type: ColumnType, length: number, parts: Parts): unknown[] {
  if (type === "int32") return Array.from(int32s(parts.buffer()).subarray(0, length));
  const fields = fieldsOf(type);
  if (fields) {
    const columns = fields.map(([name, one]) => [name, columnCells(one, parts)] as const);
    return Array.from({ length }, (_, at) => Object.fromEntries(columns.map(([name, cells]) => [name, cells[at]])));
  }
  const offsets = int32s(parts.buffer());
  const element = elementOf(type);
  const values = element ? columnCells(element, parts) : parts.buffer();
  return Array.from({ length }, (_, at) => {
    const [start, end] = [offsets[at]!, offsets[at + 1]!];
    if (Array.isArray(values)) return values.slice(start, end);
    const bytes = values.subarray(start, end);
    return type === "string" ? decoder.decode(bytes) : bytes;
  });
}

function int32s(bytes: Uint8Array<ArrayBuffer>): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
}
