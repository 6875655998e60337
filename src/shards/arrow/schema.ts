import { Binary, type DataType, Field, Int32, List, Schema, Struct, Utf8 } from "apache-arrow";
import { type ColumnName, type ColumnType, columnTypes, features } from "../columns.ts";

/** Every field nullable; the features in the schema's metadata, as `datasets` has them. */
export function arrowSchema(columns: readonly ColumnName[]): Schema {
  const fields = columns.map((name) => new Field(name, arrowType(columnTypes[name]), true));
  return new Schema(fields, new Map([["huggingface", JSON.stringify(features(columns))]]));
}

function arrowType(type: ColumnType): DataType {
  const list = /^list<(.*)>$/.exec(type);
  if (list) return new List(new Field("item", arrowType(list[1] as ColumnType), true));
  if (type === "image")
    return new Struct([new Field("bytes", new Binary(), true), new Field("path", new Utf8(), true)]);
  if (type === "string") return new Utf8();
  return type === "int32" ? new Int32() : new Binary();
}
