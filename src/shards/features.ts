import { type ColumnType, elementOf, fieldsOf } from "../model/column-types.ts";
import type { ColumnName } from "../model/columns.ts";
import { typeIn, type VolumeLayout } from "./columns.ts";

type Info = { info: { features: Record<string, unknown> } };

/** The features of the `datasets` library, which the `huggingface` metadata key holds: as 3.6 and 5 both read them. */
export const features = (columns: readonly ColumnName[], layout?: VolumeLayout): Info =>
  infoOf(columns, layout, listFeature);

/** Whether a file's features are those of its columns; shards made before had lists as `List`, which 3.6 does not know. */
export function areFeaturesOf(known: unknown, columns: readonly ColumnName[], layout?: VolumeLayout): boolean {
  const earlier = infoOf(columns, layout, (feature) => ({ feature, _type: "List" }));
  return [features(columns, layout), earlier].some((one) => JSON.stringify(known) === JSON.stringify(one));
}

type ListFeature = (element: object) => unknown;

/** A `Sequence` of a struct would be a struct of lists to `datasets`; in brackets it stays a list. */
const listFeature: ListFeature = (feature) => ("_type" in feature ? { feature, _type: "Sequence" } : [feature]);

const infoOf = (columns: readonly ColumnName[], layout: VolumeLayout | undefined, listOf: ListFeature): Info => ({
  info: { features: Object.fromEntries(columns.map((name) => [name, featureOf(typeIn(layout, name), listOf)])) },
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
export function cardFeatures(columns: readonly ColumnName[], layout: VolumeLayout): readonly Record<string, unknown>[] {
  return columns.map((name) => ({ name, ...cardFeature(typeIn(layout, name)) }));
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
