import type { SchemaElement } from "hyparquet";
import { type ColumnType, elementOf, fieldsOf } from "../../model/column-types.ts";
import type { ColumnName } from "../../model/columns.ts";
import { typeIn, type VolumeLayout } from "../columns.ts";

const optional = { repetition_type: "OPTIONAL" as const };
const text = (name: string): SchemaElement => ({
  name,
  type: "BYTE_ARRAY",
  converted_type: "UTF8",
  logical_type: { type: "STRING" },
  ...optional,
});

/** Every column OPTIONAL, lists in three levels named list and element: what `datasets` maps to its features. */
export function parquetSchema(columns: readonly ColumnName[], layout?: VolumeLayout): SchemaElement[] {
  const root: SchemaElement = { name: "schema", num_children: columns.length, repetition_type: "REQUIRED" };
  return [root, ...columns.flatMap((name) => elements(name, typeIn(layout, name)))];
}

function elements(name: string, type: ColumnType): SchemaElement[] {
  const [element, fields] = [elementOf(type), fieldsOf(type)];
  if (element) {
    const list = { converted_type: "LIST" as const, logical_type: { type: "LIST" as const }, ...optional };
    return [
      { name, num_children: 1, ...list },
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      ...elements("element", element),
    ];
  }
  if (fields) {
    const group: SchemaElement = { name, num_children: fields.length, ...optional };
    return [group, ...fields.flatMap(([field, one]) => elements(field, one))];
  }
  if (type === "string") return [text(name)];
  return [{ name, type: type === "int32" ? "INT32" : "BYTE_ARRAY", ...optional }];
}
