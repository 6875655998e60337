import { z } from "zod";
import { sourceKinds } from "./source-kind.ts";

type CellType = "string" | "int32" | "int64" | "boolean" | "binary" | "list<string>";
interface IndexColumn {
  readonly type: CellType;
  readonly nullable?: true;
  /** The bytes of `members` columns lie apart from all others: planning does not read them. */
  readonly part: "light" | "members";
  readonly meaning: string;
}

/** The columns of archives.parquet, a row a folder of an archive, in this order. */
export const indexColumns = {
  archive: { type: "string", part: "light", meaning: "path of the archive in its source" },
  path: { type: "string", part: "light", meaning: "the folder inside the archive, with a slash behind it" },
  id: { type: "string", nullable: true, part: "light", meaning: "the series whose slices it holds; null of all else" },
  collection: { type: "string", nullable: true, part: "light", meaning: "ct_case or ct_quizze" },
  case_id: { type: "string", nullable: true, part: "light", meaning: "the case, also of a folder with a report alone" },
  series: { type: "string", nullable: true, part: "light", meaning: "the series' folder" },
  plane: { type: "string", nullable: true, part: "light", meaning: "axial, coronal or sagittal, by the series' name" },
  phase: { type: "string", nullable: true, part: "light", meaning: "the rest of the series' name, in lower case" },
  image: { type: "string", nullable: true, part: "light", meaning: "the split file's string" },
  split: { type: "string", nullable: true, part: "light", meaning: "train, validation or test; null if unlisted" },
  subsets: { type: "list<string>", part: "light", meaning: "test100, test500, test1k that hold it" },
  count: { type: "int32", part: "light", meaning: "members: files in the folder itself" },
  start: { type: "int64", part: "light", meaning: "first byte of the first member, in the archive" },
  end: { type: "int64", part: "light", meaning: "first byte behind the last member" },
  stored_bytes: { type: "int64", part: "light", meaning: "sizes of all members as they lie in the archive" },
  bytes: { type: "int64", part: "light", meaning: "sizes of all members unpacked" },
  memory_bytes: { type: "int64", part: "light", meaning: "the larger of each member's two sizes, summed" },
  method: { type: "string", part: "light", meaning: "store, deflate, or mixed" },
  extension: {
    type: "string",
    nullable: true,
    part: "light",
    meaning: "of members named by distinct numbers and one ending, that ending",
  },
  is_gapless: { type: "boolean", part: "light", meaning: "each member begins where the one before it ends" },
  few: {
    type: "binary",
    nullable: true,
    part: "light",
    meaning:
      "of a folder with few members, such as a case's report: length of names (uint32, little endian), names, layout with the checksums as its fifth column",
  },
  names: {
    type: "binary",
    part: "members",
    meaning:
      "the members' names in order of place, a line each, escaped as in JSON; empty for 0, 1, 2, … and extension",
  },
  crc32: { type: "binary", part: "members", meaning: "the members' CRC-32s in order of place, uint32, little endian" },
  layout: {
    type: "binary",
    part: "members",
    meaning:
      "five packed columns in order of place: gap before a member, bytes around its data without its name's, stored size, growth when unpacked, method (0 store, 1 deflate). Each is a byte (4 bits width of least, 4 bits width of values), least (little endian; even: half of it, odd: minus half of what is one more), then each value minus least (little endian)",
  },
} as const satisfies Readonly<Record<string, IndexColumn>>;
export type IndexColumnName = keyof typeof indexColumns;

const place = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Git can hold no other path, and none leads out of a repository. */
const filePath = z.string().regex(/^(?!.*\0)(?!.*(?:^|\/)\.{0,2}(?:\/|$)).+$/s);

/** An archive in the index's key-value metadata. */
export const IndexedArchive = z.strictObject({
  path: filePath,
  /** The folders above its members: the source's own, and its path. */
  above: z.string(),
  format: z.string(),
  byteLength: place,
  /** As the Hub names its bytes: SHA-256, git's blob id of a small file, those of pieces joined by +; null of a folder's. */
  contentId: z
    .string()
    .regex(/^[0-9a-f]{40,64}(?:\+[0-9a-f]{40,64})*$/)
    .nullable(),
  /** Where its own directory lies and what it hashes to; null for a format without one. */
  own: z.strictObject({ start: place, end: place, sha256 }).nullable(),
  /** Rows of the table: a row group, in the order of the archives; none where there are no folders. */
  folders: place,
  members: place,
  refused: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  /** Where the columns names, crc32 and layout of its rows lie in the index, and what they hash to. */
  packed: z.strictObject({ start: place, end: place, sha256 }),
});
export type IndexedArchive = z.infer<typeof IndexedArchive>;

/** `voxshard.index` in the key-value metadata: what the index is of. */
export const IndexHead = z.strictObject({
  version: z.literal(1),
  /** `id` is `owner/name`, or only the last name of a folder; `revision` a commit's sha or a local fingerprint. */
  source: z.strictObject({ kind: z.enum(sourceKinds), id: z.string(), revision: z.string() }),
  archives: z.array(IndexedArchive),
});
export type IndexHead = z.infer<typeof IndexHead>;

/** Files of a commit, as an index keeps them. */
export const IndexedFile = z.strictObject({ path: filePath, byteLength: place, contentId: z.string() });

const cells: Readonly<Record<CellType, z.ZodType>> = {
  string: z.string(),
  int32: z.int().nonnegative(),
  int64: place,
  boolean: z.boolean(),
  binary: z.custom<Uint8Array>((value) => value instanceof Uint8Array).meta({ contentEncoding: "binary" }),
  "list<string>": z.array(z.string()),
};
/** A row of archives.parquet. */
export const IndexedFolder = z.strictObject(
  Object.fromEntries(
    Object.entries(indexColumns as Readonly<Record<string, IndexColumn>>).map(([name, { type, nullable, meaning }]) => [
      name,
      (nullable ? cells[type].nullable() : cells[type]).describe(meaning),
    ]),
  ),
);
