import { type ColumnType, elementOf, fieldsOf } from "../model/column-types.ts";
import { type ColumnName, columnTable } from "../model/columns.ts";

/** The features of the `datasets` library, which the `huggingface` metadata key holds. */
export function features(columns: readonly ColumnName[]): { info: { features: Record<string, unknown> } } {
  return { info: { features: Object.fromEntries(columns.map((name) => [name, featureOf(columnTable[name].type)])) } };
}

function featureOf(type: ColumnType): unknown {
  const element = elementOf(type);
  if (element) return { feature: featureOf(element), _type: "List" };
  if (type === "image") return { _type: "Image" };
  const fields = fieldsOf(type);
  if (fields) return Object.fromEntries(fields.map(([name, one]) => [name, featureOf(one)]));
  return { dtype: type, _type: "Value" };
}

/** The same for a card, in the short forms that `datasets` writes: `list: int32`, `dtype: image`, `struct:` of fields. */
export function cardFeatures(columns: readonly ColumnName[]): readonly Record<string, unknown>[] {
  return columns.map((name) => ({ name, ...cardFeature(columnTable[name].type) }));
}

function cardFeature(type: ColumnType): Record<string, unknown> {
  const element = elementOf(type);
  if (element) {
    const { dtype, struct } = cardFeature(element);
    return { list: dtype ?? struct };
  }
  const fields = type === "image" ? undefined : fieldsOf(type);
  return fields ? { struct: fields.map(([name, dtype]) => ({ name, dtype })) } : { dtype: type };
}

/** The Arrow type as readers print it: list<…>, struct<name: …> and the single ones by their names. */
export function arrowTypeName(type: ColumnType): string {
  const element = elementOf(type);
  if (element) return `list<${arrowTypeName(element)}>`;
  const fields = fieldsOf(type);
  return fields ? `struct<${fields.map(([name, one]) => `${name}: ${one}`).join(", ")}>` : type;
}
