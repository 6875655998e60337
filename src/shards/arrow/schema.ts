import { Binary, type DataType, Field, Int32, List, Schema, Struct, Utf8 } from "apache-arrow";
import { type ColumnName, type ColumnType, columnTypes, features } from "../columns.ts";

/** Every field nullable; the features in the schema's metadata, as `datasets` has them. */
export function arrowSchema(columns: readonly ColumnName[]): Schema {
  const fields = columns.map((name) => new Field(name, arrowType(columnTypes[name]), true));
  return new Schema(fields, new Map([["huggingface", JSON.stringify(features(columns))]]));
}

export function arrowType(type: ColumnType): DataType {
  const element = elementOf(type);
  if (element) return new List(new Field("item", arrowType(element), true));
  if (type === "image")
    return new Struct([new Field("bytes", new Binary(), true), new Field("path", new Utf8(), true)]);
  if (type === "string") return new Utf8();
  return type === "int32" ? new Int32() : new Binary();
}

/** The type of a list's elements; undefined for what is no list. */
export function elementOf(type: ColumnType): ColumnType | undefined {
  return /^list<(.*)>$/.exec(type)?.[1] as ColumnType | undefined;
}
