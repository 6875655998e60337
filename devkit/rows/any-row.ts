import fc from "fast-check";
import { type ColumnType, elementOf, fieldsOf } from "../../src/model/column-types.ts";
import { columnNames, columnTable } from "../../src/model/columns.ts";
import type { Row } from "../../src/model/row.ts";

const leaves = {
  string: fc.string({ unit: "grapheme", maxLength: 12 }),
  int32: fc.integer({ min: -2147483648, max: 2147483647 }),
  // Plain Uint8Array, whatever the realm of the generator's own.
  binary: fc.uint8Array({ maxLength: 40 }).map((value) => new Uint8Array(value)),
};
const orNull = (values: fc.Arbitrary<unknown>) => fc.option(values, { nil: null });
const record = (cells: (readonly [string, fc.Arbitrary<unknown>])[]) =>
  fc.record(Object.fromEntries(cells), { noNullPrototype: true });

function cells(type: ColumnType): fc.Arbitrary<unknown> {
  if (type === "voxels") return leaves.binary;
  const element = elementOf(type);
  if (element) return fc.array(cells(element), { maxLength: element === "int32" ? 6 : 3 });
  const fields = fieldsOf(type);
  return fields
    ? record(fields.map(([name, one]) => [name, orNull(leaves[one])]))
    : leaves[type as keyof typeof leaves];
}

/** Rows that a shard may hold: any text, any bytes, null wherever a row may be null. */
export const anyRow = record(
  columnNames.flatMap((name) => {
    const { type, values, nullable, when } = columnTable[name];
    const present = values ? fc.constantFrom(...values) : cells(type);
    return when === "index" ? [] : [[name, nullable ? orNull(present) : present] as const];
  }),
) as fc.Arbitrary<Row>;
