import type { Member } from "./archive-format.ts";
import { packColumns } from "./folders.ts";

/** `Folder.numbers` has a column of checksums as its fifth. */
const CHECKSUMS = 4;
const COLUMNS = 6;

/** The members' CRC-32s, little endian. */
export function checksumsOf(members: readonly Member[]): Uint8Array {
  const list = Buffer.alloc(4 * members.length);
  for (const [at, { crc32 }] of members.entries()) list.writeUInt32LE(crc32, 4 * at);
  return list;
}

/** `Folder.numbers` without its checksums. */
export function withoutChecksums(numbers: Uint8Array, count: number): Uint8Array {
  const [start, end] = columnAt(numbers, count, COLUMNS)[CHECKSUMS]!;
  return Buffer.concat([numbers.subarray(0, start), numbers.subarray(end)]);
}

/** `Folder.numbers` again, of both parts; throws a RangeError where they are not of so many members. */
export function withChecksums(layout: Uint8Array, checksums: Uint8Array, count: number): Uint8Array {
  const start = columnAt(layout, count, COLUMNS - 1)[CHECKSUMS]![0];
  if (checksums.byteLength !== 4 * count) throw new RangeError("checksums of another number of members");
  const list = Buffer.from(checksums.buffer, checksums.byteOffset, checksums.byteLength);
  const packed = packColumns([Array.from({ length: count }, (_, at) => list.readUInt32LE(4 * at))]);
  return Buffer.concat([layout.subarray(0, start), packed, layout.subarray(start)]);
}

/** Throws a RangeError where these are not the numbers of so many members. */
export const checkNumbers = (numbers: Uint8Array, count: number) => void columnAt(numbers, count, COLUMNS);

/** Where each packed column begins and ends. */
function columnAt(numbers: Uint8Array, count: number, columns: number): readonly (readonly [number, number])[] {
  let end = 0;
  const found = Array.from({ length: columns }, () => {
    const [start, head = 0] = [end, numbers[end]];
    if (head >> 4 > 6 || (head & 15) > 6) throw new RangeError("a packed column of impossible width");
    end = start + 1 + (head >> 4) + (head & 15) * count;
    return [start, end] as const;
  });
  if (end !== numbers.byteLength) throw new RangeError("packed columns of another number of members");
  return found;
}
