import { parquetMetadataAsync, parquetSchema, type SchemaTree } from "hyparquet";
import { withFile } from "../../files/written-file.ts";
import { bufferOf } from "./async-buffer.ts";

/** How a Parquet file lies on disk: what decides whether the Hub's viewer can read single rows of it. */
export interface ParquetLayout {
  readonly rowGroups: readonly { readonly rows: number; readonly bytes: number }[];
  /** Uncompressed bytes of all column chunks. */
  readonly dataBytes: number;
  /** Columns with a chunk that has no offset index. */
  readonly notIndexed: readonly string[];
  /** The Arrow type that readers give each column, in the words of `arrowTypeName`; anything else in the file's own. */
  readonly types: ReadonlyMap<string, string>;
  /** Keys of the metadata. */
  readonly keys: readonly string[];
}

export async function parquetLayout(path: string): Promise<ParquetLayout> {
  const metadata = await withFile(path, async (file) => parquetMetadataAsync(await bufferOf(file)));
  const chunks = metadata.row_groups.flatMap((group) => group.columns);
  const rowGroups = metadata.row_groups.map((group) => ({
    rows: Number(group.num_rows),
    bytes: Number(group.total_byte_size),
  }));
  return {
    rowGroups,
    dataBytes: rowGroups.reduce((sum, { bytes }) => sum + bytes, 0),
    notIndexed: [
      ...new Set(
        chunks
          .filter((chunk) => chunk.offset_index_offset === undefined)
          .map((chunk) => chunk.meta_data?.path_in_schema[0] ?? "?"),
      ),
    ],
    types: new Map(parquetSchema(metadata).children.map((child) => [child.element.name, typeOf(child)])),
    keys: metadata.key_value_metadata?.map(({ key }) => key) ?? [],
  };
}

/** A column that is not OPTIONAL, or whose parts have other names, is of another type to `datasets`. */
function typeOf({ element, children }: SchemaTree): string {
  const { type, converted_type, repetition_type } = element;
  const not = repetition_type === "OPTIONAL" ? "" : "required ";
  const [first] = children;
  if (!first) {
    if (type === "BYTE_ARRAY") return `${not}${converted_type === "UTF8" ? "string" : (converted_type ?? "binary")}`;
    return `${not}${type === "INT32" && (converted_type ?? "INT_32") === "INT_32" ? "int32" : String(type)}`;
  }
  const item = first.children[0];
  if (converted_type === "LIST" && item && first.children.length === 1) return `${not}list<${typeOf(item)}>`;
  return `${not}struct<${children.map((child) => `${child.element.name}: ${typeOf(child)}`).join(", ")}>`;
}
