import type { SchemaElement } from "hyparquet";
import { type ColumnName, type ColumnType, columnTypes } from "../columns.ts";

const optional = { repetition_type: "OPTIONAL" as const };
const text = (name: string): SchemaElement => ({
  name,
  type: "BYTE_ARRAY",
  converted_type: "UTF8",
  logical_type: { type: "STRING" },
  ...optional,
});

/** Every column OPTIONAL, lists in three levels named list and element: what `datasets` maps to its features. */
export function parquetSchema(columns: readonly ColumnName[]): SchemaElement[] {
  const root: SchemaElement = { name: "schema", num_children: columns.length, repetition_type: "REQUIRED" };
  return [root, ...columns.flatMap((name) => elements(name, columnTypes[name]))];
}

function elements(name: string, type: ColumnType): SchemaElement[] {
  const list = /^list<(.*)>$/.exec(type);
  if (list) {
    const outer: SchemaElement = {
      name,
      num_children: 1,
      converted_type: "LIST",
      logical_type: { type: "LIST" },
      ...optional,
    };
    return [
      outer,
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      ...elements("element", list[1] as ColumnType),
    ];
  }
  if (type === "string") return [text(name)];
  if (type === "image")
    return [{ name, num_children: 2, ...optional }, { name: "bytes", type: "BYTE_ARRAY", ...optional }, text("path")];
  return [{ name, type: type === "int32" ? "INT32" : "BYTE_ARRAY", ...optional }];
}
