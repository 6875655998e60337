import type { Directory, Folder, Member } from "../archive/archive-format.ts";
import { membersOf } from "../archive/folders.ts";

/** Members of a copy that are not as they have to be: how many, and the first of them in words. */
export interface Differences {
  readonly count: number;
  readonly first: string | undefined;
}

/** Holds a copy's directory against the folders that are wanted of it. */
export function differences(wanted: readonly Folder[], { folders }: Directory): Differences {
  const found = new Map(folders.map((folder) => [folder.path, folder]));
  let count = 0;
  let first: string | undefined;
  for (const folder of wanted) {
    const other = found.get(folder.path);
    if (other && isSame(folder, other)) continue;
    const there = new Map(other ? membersOf(other).map((member) => [member.path, member]) : []);
    for (const member of membersOf(folder)) {
      const why = differs(member, there.get(member.path));
      if (why === undefined) continue;
      count += 1;
      first ??= `${member.path}: ${why}`;
    }
  }
  return { count, first };
}

const isSame = (one: Folder, other: Folder) =>
  one.count === other.count &&
  one.start === other.start &&
  one.extension === other.extension &&
  Buffer.compare(one.names, other.names) === 0 &&
  Buffer.compare(one.numbers, other.numbers) === 0;

function differs(wanted: Member, found: Member | undefined): string | undefined {
  if (!found) return "is not there";
  if (found.byteLength !== wanted.byteLength) return `has ${found.byteLength} bytes, not ${wanted.byteLength}`;
  if (found.crc32 !== wanted.crc32) return `has the CRC-32 ${hex(found.crc32)}, not ${hex(wanted.crc32)}`;
  const { start, end, storedBytes, method } = wanted;
  const isThere = found.start === start && found.end === end;
  if (!isThere || found.storedBytes !== storedBytes || found.method !== method) return "lies elsewhere in the archive";
  return undefined;
}

const hex = (crc32: number) => (crc32 >>> 0).toString(16).padStart(8, "0");
