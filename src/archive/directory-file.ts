import { gunzipSync, gzipSync } from "node:zlib";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Directory, Folder } from "./archive-format.ts";
import { isSealed, seal, unsealed } from "./seal.ts";

/** What a cached directory is of: another archive's, or another version's, is not taken. */
export type Identity = Readonly<Record<string, string>>;

/** Raised when the columns change, or what names become in them; older files are then made anew. */
const VERSION = "5";
const IDENTITY = "voxshard.identity";

type Kind = "STRING" | "INT32" | "INT64" | "BOOLEAN" | "BYTE_ARRAY";
const columns: readonly (readonly [keyof Folder, Kind])[] = [
  ["path", "STRING"],
  ["count", "INT32"],
  ["start", "INT64"],
  ["end", "INT64"],
  ["memoryBytes", "INT64"],
  ["extension", "STRING"],
  ["isGapless", "BOOLEAN"],
  ["names", "BYTE_ARRAY"],
  ["numbers", "BYTE_ARRAY"],
];

/** A directory as a Parquet file, a row a folder; its members' names and numbers are a cell each. Some 6.5 bytes a member. */
export function encodeDirectory({ folders, refused, own }: Directory, identity: Identity): Uint8Array {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: schema(),
    codec: "GZIP",
    compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 6 }) },
    kvMetadata: [
      { key: "voxshard.refused", value: JSON.stringify(refused) },
      { key: "voxshard.own", value: JSON.stringify(own ?? null) },
      { key: IDENTITY, value: identityOf(identity) },
      unsealed,
    ],
  });
  parquet.write({
    columnData: columns.map(([name, kind]) => ({
      name,
      data: folders.map((folder) => cell(folder[name], kind)),
      encoding: "PLAIN",
      statistics: false,
      // Checksums do not compress.
      codec: name === "numbers" ? "UNCOMPRESSED" : "GZIP",
    })),
    rowGroupSize: Math.max(1, folders.length),
    pageSize: 1 << 28,
  });
  parquet.finish();
  const bytes = Buffer.from(writer.getBuffer());
  seal(bytes);
  return bytes;
}

/** The directory in a cached file; throws unless it is whole and of this very archive. */
export async function decodeDirectory(bytes: Uint8Array, identity: Identity): Promise<Directory> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  if (!isSealed(Buffer.from(file))) throw new Error("the cached directory is damaged");
  const metadata = parquetMetadata(file);
  const kept = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  if (kept.get(IDENTITY) !== identityOf(identity)) throw new Error("the cached directory is of another archive");
  const compressors = { GZIP: (input: Uint8Array) => gunzipSync(input) };
  const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false });
  const folders = rows.map((row) => ({
    ...(row as Folder),
    start: Number(row["start"]),
    end: Number(row["end"]),
    memoryBytes: Number(row["memoryBytes"]),
    extension: row["extension"] || undefined,
  }));
  const [refused, own] = ["voxshard.refused", "voxshard.own"].map((key) => JSON.parse(kept.get(key) ?? "null"));
  return { folders, refused, ...(own && { own }) };
}

function schema() {
  const required = "REQUIRED" as const;
  return [
    { name: "schema", num_children: columns.length, repetition_type: required },
    ...columns.map(([name, kind]) =>
      kind === "STRING"
        ? { name, type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const, repetition_type: required }
        : { name, type: kind, repetition_type: required },
    ),
  ];
}

function cell(value: Folder[keyof Folder], kind: Kind): unknown {
  if (kind === "INT64") return BigInt(value as number);
  return kind === "STRING" ? (value ?? "") : value;
}

const identityOf = (identity: Identity) => JSON.stringify({ version: VERSION, ...identity });
