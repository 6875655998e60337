import parquetjs, { type Fields, type ParquetSchema } from "parquetjs-lite";
import { EtlError } from "../../errors.ts";
import { type ColumnType, elementOf, fieldsOf } from "../../model/column-types.ts";
import type { ColumnName } from "../../model/columns.ts";
import { typeIn, type VolumeLayout } from "../columns.ts";
import type { WriteOptions } from "../shard-format.ts";

const codecs = { none: "UNCOMPRESSED", snappy: "SNAPPY", gzip: "GZIP" } as const;
type Codec = keyof typeof codecs;
const isKnown = (codec: WriteOptions["codec"]): codec is Codec => Object.hasOwn(codecs, codec);

/** The same schema as hyparquet-writer's: every column OPTIONAL, lists in three levels. */
export function parquetjsSchema({ columns, codec, layout }: WriteOptions): ParquetSchema {
  if (!isKnown(codec))
    throw new EtlError("usage", `--codec ${codec}: parquetjs-lite knows ${Object.keys(codecs).join(", ")}`);
  return new parquetjs.ParquetSchema(
    Object.fromEntries(columns.map((name) => [name, field(typeIn(layout, name), codec)])),
  );
}

function field(type: ColumnType, codec: Codec): Fields[string] {
  const [element, fields] = [elementOf(type), fieldsOf(type)];
  if (element)
    return {
      type: "LIST",
      optional: true,
      fields: { list: { repeated: true, fields: { element: field(element, codec) } } },
    };
  // Image bytes do not get smaller. Statistics of byte arrays would hold whole cells, several times over.
  const inner = type === "image" ? "none" : codec;
  if (fields)
    return { optional: true, fields: Object.fromEntries(fields.map(([name, one]) => [name, field(one, inner)])) };
  const leaf = { optional: true, compression: codecs[codec], statistics: type === "int32" } as const;
  if (type === "int32") return { ...leaf, type: "INT32" };
  return { ...leaf, type: type === "string" ? "UTF8" : "BYTE_ARRAY" };
}

/** A cell as the schema nests it. */
export function nested(name: ColumnName, cell: unknown, layout?: VolumeLayout): unknown {
  const type = typeIn(layout, name);
  if (cell === null || cell === undefined) return cell;
  if (type === "voxels") return { bytes: cell };
  if (!elementOf(type)) return cell;
  return { list: (cell as readonly unknown[]).map((element) => ({ element })) };
}
