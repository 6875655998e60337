import type { Directory, Folder, Member } from "./archive-format.ts";

/** Packs members (in order of `start`) by folder; `empty` are the paths of entries that are folders. */
export function inFolders(members: Iterable<Member>, empty: readonly string[] = []): readonly Folder[] {
  const packer = new FolderPacker();
  for (const member of members) packer.add(member);
  return packer.finish(empty);
}

/** Takes members in order of `start` and holds but one folder's at a time, however many there are. */
export class FolderPacker {
  /** A folder whose members lie apart comes in parts. */
  private readonly packed = new Map<string, Folder[]>();
  private path = "";
  private members: Member[] = [];

  add(member: Member): void {
    const length = member.path.lastIndexOf("/") + 1;
    if (length !== this.path.length || !member.path.startsWith(this.path)) {
      this.flush();
      this.path = member.path.slice(0, length);
    }
    this.members.push(member);
  }

  finish(empty: readonly string[]): readonly Folder[] {
    this.flush();
    for (const path of empty) if (!this.packed.has(path)) this.packed.set(path, [pack(path, [])]);
    return [...this.packed].map(([path, parts]) =>
      parts.length === 1 ? parts[0]! : pack(path, parts.flatMap(membersOf)),
    );
  }

  private flush(): void {
    if (this.members.length === 0) return;
    const folder = pack(this.path, this.members);
    if (!this.packed.get(this.path)?.push(folder)) this.packed.set(this.path, [folder]);
    this.members = [];
  }
}

/** A folder's members, in order of `start`. */
export function membersOf({ path, count, start, extension, names, numbers }: Folder): readonly Member[] {
  const isInOrder = extension !== undefined && names.byteLength === 0;
  const lines = isInOrder ? undefined : Buffer.from(names).toString("utf8").split("\n");
  const [gap, around, stored, growth, checksum, method] = unpackColumns(numbers, count);
  let end = start;
  return Array.from({ length: count }, (_, at) => {
    const line = lines ? lines[at]! : `${at}${extension}`;
    const file: string = line.includes("\\") ? JSON.parse(`"${line}"`) : line;
    const from = end + gap!(at);
    const storedBytes = stored!(at);
    end = from + file.length + around!(at) + storedBytes;
    return {
      path: path + file,
      start: from,
      end,
      storedBytes,
      byteLength: storedBytes + growth!(at),
      crc32: checksum!(at),
      method: method!(at) === 0 ? "store" : "deflate",
    };
  });
}

/** All members of an archive, in order of their places; an empty one before the one that begins there too. */
export function allMembers({ folders }: Pick<Directory, "folders">): readonly Member[] {
  return folders.flatMap(membersOf).sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Bytes of members as they lie in the archive or as they come out of it, whichever is more. */
export function memoryBytesOf(members: readonly Member[]): number {
  return members.reduce((sum, { storedBytes, byteLength }) => sum + Math.max(storedBytes, byteLength), 0);
}

function pack(path: string, members: readonly Member[]): Folder {
  const files = members.map((member) => member.path.slice(path.length));
  const extension = numbered(files);
  const isInOrder = extension !== undefined && files.every((file, at) => file === `${at}${extension}`);
  const lines = isInOrder ? [] : files.map((file) => JSON.stringify(file).slice(1, -1));
  const start = members[0]?.start ?? 0;
  const gaps = members.map((member, at) => member.start - (members[at - 1]?.end ?? start));
  return {
    path,
    count: members.length,
    start,
    end: members.at(-1)?.end ?? start,
    memoryBytes: memoryBytesOf(members),
    extension,
    isGapless: gaps.every((gap) => gap === 0),
    names: Buffer.from(lines.join("\n")),
    numbers: packColumns([
      gaps,
      // With names taken out, what surrounds the data is the same for most members.
      members.map((member, at) => member.end - member.start - member.storedBytes - files[at]!.length),
      members.map((member) => member.storedBytes),
      members.map((member) => member.byteLength - member.storedBytes),
      members.map((member) => member.crc32),
      members.map((member) => (member.method === "store" ? 0 : 1)),
    ]),
  };
}

/** The extension of files that are all `<number><extension>`, each number once. */
function numbered(files: readonly string[]): string | undefined {
  const extension = /\.[A-Za-z]+$/.exec(files[0] ?? "")?.[0];
  if (extension === undefined) return undefined;
  const stems = new Set<string>();
  for (const file of files) {
    const stem = file.slice(0, -extension.length);
    if (!file.endsWith(extension) || !/^(?:0|[1-9]\d{0,8})$/.test(stem)) return undefined;
    stems.add(stem);
  }
  return stems.size === files.length ? extension : undefined;
}

/** Node reads and writes integers of up to six bytes: 281 TB, beyond any archive. */
const WIDEST = 6;

/** Each column: one byte that gives two widths, the least value (sign folded in), what each value has above it. */
export function packColumns(columns: readonly (readonly number[])[]): Uint8Array {
  return Buffer.concat(
    columns.map((values) => {
      const [least, most] = [values.reduce(lesser, values[0] ?? 0), values.reduce(greater, values[0] ?? 0)];
      const folded = least < 0 ? -least * 2 - 1 : least * 2;
      const [leastWidth, width] = [widthOf(folded), widthOf(most - least)];
      const out = Buffer.alloc(1 + leastWidth + width * values.length);
      out[0] = leastWidth * 16 + width;
      if (leastWidth > 0) out.writeUIntLE(folded, 1, leastWidth);
      let place = 1 + leastWidth;
      if (width > 0) for (const value of values) place = out.writeUIntLE(value - least, place, width);
      return out;
    }),
  );
}

function unpackColumns(numbers: Uint8Array, count: number): ((at: number) => number)[] {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const columns: ((at: number) => number)[] = [];
  for (let place = 0; place < bytes.byteLength; ) {
    const [leastWidth, width] = [bytes[place]! >> 4, bytes[place]! & 15];
    const folded = leastWidth > 0 ? bytes.readUIntLE(place + 1, leastWidth) : 0;
    const least = folded % 2 ? -(folded + 1) / 2 : folded / 2;
    const from = place + 1 + leastWidth;
    columns.push(width > 0 ? (at) => least + bytes.readUIntLE(from + at * width, width) : () => least);
    place = from + width * count;
  }
  return columns;
}

function widthOf(value: number): number {
  let width = 0;
  while (value >= 256 ** width) width += 1;
  if (width > WIDEST) throw new RangeError(`${value} is not a size or a position in an archive`);
  return value === 0 ? 0 : width;
}

const lesser = (a: number, b: number) => Math.min(a, b);
const greater = (a: number, b: number) => Math.max(a, b);
