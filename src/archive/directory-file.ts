import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Directory, Member } from "./archive-format.ts";

/** What a cached directory is of: another archive's, or another version's, is not taken. */
export type Identity = Readonly<Record<string, string>>;

/** Raised when the columns change; older files are then made anew. */
const VERSION = "1";
/** Members a row: small enough to bound a row's blobs, large enough that their compression is good. */
const MEMBERS_A_ROW = 16_384;

/**
 * A directory as a Parquet file of a few rows, each a run of members: names with their common prefixes cut, sizes,
 * checksums and gaps as packed little-endian numbers, byte-planed, gzipped. About 8 bytes a member.
 */
export function encodeDirectory({ members, refused, folders }: Directory, identity: Identity): Uint8Array {
  const rows: Packed[] = [];
  for (let at = 0; at < members.length; at += MEMBERS_A_ROW) rows.push(pack(members.slice(at, at + MEMBERS_A_ROW)));
  const rest = Buffer.from(JSON.stringify({ refused, folders }));
  rows.push({ members: 0, names: rest, numbers: new Uint8Array() });
  const writer = new ByteWriter();
  const kvMetadata = [{ key: "voxshard.identity", value: sealOf(identity, rows) }];
  const parquet = new ParquetWriter({
    writer,
    schema: schema(),
    codec: "GZIP",
    compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 6 }) },
    kvMetadata,
  });
  const column = <K extends keyof Packed>(name: K) => ({
    name,
    data: rows.map((row) => row[name]),
    encoding: "PLAIN" as const,
    statistics: false,
  });
  parquet.write({
    columnData: [column("members"), column("names"), column("numbers")],
    rowGroupSize: rows.length,
    pageSize: 1 << 28,
  });
  parquet.finish();
  return new Uint8Array(writer.getBuffer());
}

/** The directory in a cached file; throws unless it is whole and of this very archive. */
export async function decodeDirectory(bytes: Uint8Array, identity: Identity): Promise<Directory> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const seal = parquetMetadata(file).key_value_metadata?.find(({ key }) => key === "voxshard.identity")?.value;
  const compressors = { GZIP: (input: Uint8Array) => gunzipSync(input) };
  const rows = (await parquetReadObjects({ file, compressors, utf8: false })) as unknown as Packed[];
  if (seal !== sealOf(identity, rows)) throw new Error("the cached directory is damaged, or of another archive");
  const rest = JSON.parse(Buffer.from(rows.pop()!.names).toString("utf8")) as Pick<Directory, "refused" | "folders">;
  return { members: rows.flatMap(unpack), ...rest };
}

interface Packed {
  readonly members: number;
  readonly names: Uint8Array;
  readonly numbers: Uint8Array;
}

function schema() {
  const blob = (name: string) => ({ name, type: "BYTE_ARRAY" as const, repetition_type: "REQUIRED" as const });
  return [
    { name: "schema", num_children: 3, repetition_type: "REQUIRED" as const },
    { name: "members", type: "INT32" as const, repetition_type: "REQUIRED" as const },
    blob("names"),
    blob("numbers"),
  ];
}

function sealOf(identity: Identity, rows: readonly Packed[]): string {
  const hash = createHash("sha256");
  for (const { members, names, numbers } of rows)
    hash.update(`${members} ${names.byteLength} ${numbers.byteLength} `).update(names).update(numbers);
  return JSON.stringify({ version: VERSION, ...identity, sha256: hash.digest("hex") });
}

/** Per member: gap before it, what surrounds its data, stored size, growth by inflating, CRC-32, method. */
const FIELDS = 6;
/** Numbers as planes of bytes: the planes that never change cost nothing after gzip. */
const WIDTH = 8;

function pack(members: readonly Member[]): Packed {
  const count = members.length;
  const numbers = new Uint8Array(count * FIELDS * WIDTH);
  const put = (field: number, at: number, value: number) => {
    let rest = value;
    for (let byte = 0; byte < WIDTH && rest > 0; byte++) {
      numbers[(field * WIDTH + byte) * count + at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  };
  const names: Buffer[] = [];
  let previous = "";
  let end = 0;
  members.forEach((member, at) => {
    const name = member.path;
    const shared = commonFolder(previous, name);
    names.push(Buffer.from(`${JSON.stringify(name.slice(shared)).slice(1, -1)}\n`));
    put(0, at, zigzag(member.start - end));
    put(1, at, zigzag(member.end - member.start - member.storedBytes - name.length));
    put(2, at, member.storedBytes);
    put(3, at, zigzag(member.byteLength - member.storedBytes));
    put(4, at, zigzag(member.crc32));
    put(5, at, shared * 2 + (member.method === "store" ? 0 : 1));
    end = member.end;
    previous = name;
  });
  return { members: count, names: Buffer.concat(names), numbers };
}

function unpack({ members: count, names, numbers }: Packed): Member[] {
  const get = (field: number, at: number) => {
    let value = 0;
    for (let byte = WIDTH - 1; byte >= 0; byte--) value = value * 256 + numbers[(field * WIDTH + byte) * count + at]!;
    return value;
  };
  const tails = Buffer.from(names).toString("utf8").split("\n");
  const members: Member[] = [];
  let previous = "";
  let end = 0;
  for (let at = 0; at < count; at++) {
    const last = get(5, at);
    const tail = tails[at]!;
    const path = previous.slice(0, Math.floor(last / 2)) + (tail.includes("\\") ? JSON.parse(`"${tail}"`) : tail);
    const start = end + unzigzag(get(0, at));
    const storedBytes = get(2, at);
    end = start + storedBytes + path.length + unzigzag(get(1, at));
    members.push({
      path,
      start,
      end,
      storedBytes,
      byteLength: storedBytes + unzigzag(get(3, at)),
      crc32: unzigzag(get(4, at)),
      method: last % 2 ? "deflate" : "store",
    });
    previous = path;
  }
  return members;
}

const zigzag = (value: number) => (value < 0 ? -value * 2 - 1 : value * 2);
const unzigzag = (value: number) => (value % 2 ? -(value + 1) / 2 : value / 2);

/** How many leading characters two names share, up to a "/": a name then depends on its folder, not on its neighbour. */
function commonFolder(a: string, b: string): number {
  const slash = b.lastIndexOf("/") + 1;
  return a.startsWith(b.slice(0, slash)) ? slash : 0;
}
