import { type ColumnType, elementOf, fieldsOf } from "../model/column-types.ts";
import { type ColumnName, columnTable } from "../model/columns.ts";

type Info = { info: { features: Record<string, unknown> } };

/** The features of the `datasets` library, which the `huggingface` metadata key holds: as 3.6 and 5 both read them. */
export const features = (columns: readonly ColumnName[]): Info => infoOf(columns, listFeature);

/** Whether a file's features are those of its columns; shards made before had lists as `List`, which 3.6 does not know. */
export function areFeaturesOf(known: unknown, columns: readonly ColumnName[]): boolean {
  const earlier = infoOf(columns, (feature) => ({ feature, _type: "List" }));
  return [features(columns), earlier].some((one) => JSON.stringify(known) === JSON.stringify(one));
}

type ListFeature = (element: object) => unknown;

/** A `Sequence` of a struct would be a struct of lists to `datasets`; in brackets it stays a list. */
const listFeature: ListFeature = (feature) => ("_type" in feature ? { feature, _type: "Sequence" } : [feature]);

const infoOf = (columns: readonly ColumnName[], listOf: ListFeature): Info => ({
  info: { features: Object.fromEntries(columns.map((name) => [name, featureOf(columnTable[name].type, listOf)])) },
});

function featureOf(type: ColumnType, listOf: ListFeature): unknown {
  const element = elementOf(type);
  if (element) return listOf(featureOf(element, listOf) as object);
  if (type === "image") return { _type: "Image" };
  const fields = fieldsOf(type);
  if (fields) return Object.fromEntries(fields.map(([name, one]) => [name, featureOf(one, listOf)]));
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
