import type { SchemaElement } from "hyparquet";
import { indexColumns } from "../model/coordinates.ts";

/** The one file that an index is. */
export const INDEX_FILE = "archives.parquet";
/** Keys of its metadata: what it is of, as JSON; and the files and lists of its source, as base64 of gzipped JSON. */
export const HEAD = "voxshard.index";
export const LISTING = "voxshard.listing";

const leaves = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  boolean: { type: "BOOLEAN" },
  binary: { type: "BYTE_ARRAY" },
} as const;

/** Every column OPTIONAL, as in shards. */
export function schemaOf(): SchemaElement[] {
  const columns = Object.entries(indexColumns);
  const optional = { repetition_type: "OPTIONAL" as const };
  const root: SchemaElement = { name: "schema", num_children: columns.length, repetition_type: "REQUIRED" };
  return [
    root,
    ...columns.flatMap(([name, { type }]): SchemaElement[] => {
      if (type !== "list<string>") return [{ name, ...leaves[type], ...optional }];
      return [
        { name, num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" }, ...optional },
        { name: "list", num_children: 1, repetition_type: "REPEATED" },
        { name: "element", ...leaves.string, ...optional },
      ];
    }),
  ];
}
