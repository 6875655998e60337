import { Binary, type DataType, Field, Int32, List, Schema, Struct, Utf8 } from "apache-arrow";
import { type ColumnType, elementOf, fieldsOf } from "../../model/column-types.ts";
import type { ColumnName } from "../../model/columns.ts";
import { typeIn, type VolumeLayout } from "../columns.ts";
import { features } from "../features.ts";

/** Every field nullable; the features in the schema's metadata, as `datasets` has them. */
export function arrowSchema(columns: readonly ColumnName[], layout?: VolumeLayout): Schema {
  const fields = columns.map((name) => new Field(name, arrowType(typeIn(layout, name)), true));
  return new Schema(fields, new Map([["huggingface", JSON.stringify(features(columns, layout))]]));
}

export function arrowType(type: ColumnType): DataType {
  const [element, fields] = [elementOf(type), fieldsOf(type)];
  if (element) return new List(new Field("item", arrowType(element), true));
  if (fields) return new Struct(fields.map(([name, one]) => new Field(name, arrowType(one), true)));
  if (type === "string") return new Utf8();
  return type === "int32" ? new Int32() : new Binary();
}
