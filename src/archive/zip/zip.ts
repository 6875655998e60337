import { crc32, inflateRawSync } from "node:zlib";
import { EtlError } from "../../errors.ts";
import type { ArchiveFormat, Directory, Member } from "../archive-format.ts";
import { FolderPacker } from "../folders.ts";
import { MAX_MEMBER_BYTES, MAX_MEMBERS } from "../limits.ts";
import { readCentralDirectory } from "./end-record.ts";
import { type Entry, entryPlaces, offsetOf, parseEntry } from "./entry.ts";

const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
/** Where a hole follows a member, so much is read around its data: names and extra fields of the usual size, a descriptor. */
const USUAL_OVERHEAD = 4 << 10;

/** ZIP and ZIP64, stored and deflated. One bad entry is refused alone; a broken directory refuses the archive. */
export const zip: ArchiveFormat = { name: "zip", accepts: (path) => /\.zip$/i.test(path), directory, extract };

async function directory(source: Parameters<ArchiveFormat["directory"]>[0], options = {}): Promise<Directory> {
  const central = await readCentralDirectory(source, options);
  const { bytes, count, modulo } = central;
  const places = entryPlaces(bytes);
  if (!places)
    throw new EtlError("bad-archive", `${source.name}: its central directory is damaged; get the file again`);
  if (places.length > MAX_MEMBERS)
    throw new EtlError("bad-archive", `${source.name}: more than ${MAX_MEMBERS} entries; no such archive is read`);
  if (modulo === Number.POSITIVE_INFINITY ? places.length !== count : places.length % modulo !== count)
    throw new EtlError(
      "bad-archive",
      `${source.name}: announces ${count} entries, holds ${places.length}; get the file again`,
    );
  // Of 150,000 entries only numbers are held; each entry itself goes once it is packed.
  const starts = Float64Array.from(places, (place) => offsetOf(bytes, place) + central.shift);
  const order = [...places.keys()].sort((a, b) => starts[a]! - starts[b]!);
  const packer = new FolderPacker();
  const refused: { path: string; reason: string }[] = [];
  const folders: string[] = [];
  let reached = 0;
  order.forEach((nth, i) => {
    const entry = parseEntry(bytes, places[nth]!);
    const start = starts[nth]!;
    const next = Math.min(starts[order[i + 1]!] ?? central.start, central.start);
    const end = Math.min(next, start + entry.storedBytes + USUAL_OVERHEAD);
    // Of two entries over one local header nobody can tell which is the liar.
    if (start === starts[order[i - 1]!]) reached = Math.max(reached, start + 1);
    const reason = refusal(entry, start, end, reached, central.start);
    if (reason) refused.push({ path: entry.path, reason });
    else if (entry.path.endsWith("/")) folders.push(entry.path);
    else packer.add(memberOf(entry, start, end));
    // What an entry merely claims must not push the next ones aside.
    const dataEnd = start + LOCAL_BYTES + entry.storedBytes;
    if (dataEnd <= end) reached = Math.max(reached, dataEnd);
  });
  return { folders: packer.finish(folders), refused };
}

const memberOf = ({ path, storedBytes, byteLength, crc32, method }: Entry, start: number, end: number): Member => ({
  path,
  start,
  end,
  storedBytes,
  byteLength,
  crc32,
  method: method === 0 ? "store" : "deflate",
});

/** Why an entry cannot be read, or undefined. */
function refusal(entry: Entry, start: number, end: number, reached: number, limit: number): string | undefined {
  const { method, flags, storedBytes, byteLength, disk } = entry;
  if (flags & 0x41) return "encrypted";
  if (disk !== 0) return "in another part of the archive";
  if (method !== 0 && method !== 8) return `compressed by method ${method}; only stored and deflated members are read`;
  if (storedBytes > MAX_MEMBER_BYTES || byteLength > MAX_MEMBER_BYTES) return `larger than ${MAX_MEMBER_BYTES} bytes`;
  if (start + LOCAL_BYTES + storedBytes > limit) return "lies outside the archive";
  if (start < reached || start + LOCAL_BYTES + storedBytes > end) return "overlaps another entry";
  if (method === 0 && storedBytes !== byteLength) return "stored, yet its two sizes differ";
  return undefined;
}

function extract(member: Member, extent: Uint8Array): Uint8Array | EtlError {
  const view = Buffer.from(extent.buffer, extent.byteOffset, extent.byteLength);
  const bad = (why: string) => new EtlError("bad-member", `${member.path}: ${why}`);
  if (view.byteLength < LOCAL_BYTES || view.readUInt32LE(0) !== LOCAL)
    return bad("no local header where the directory says");
  if (view.readUInt16LE(8) !== (member.method === "store" ? 0 : 8))
    return bad("local header and directory name different methods");
  const start = LOCAL_BYTES + view.readUInt16LE(26) + view.readUInt16LE(28);
  if (start + member.storedBytes > extent.byteLength) return bad("its data reach into the next member");
  const stored = extent.subarray(start, start + member.storedBytes);
  const content = member.method === "store" ? stored : inflated(stored, member.byteLength);
  if (content === undefined) return bad("its data cannot be inflated to the declared size");
  if (content.byteLength !== member.byteLength)
    return bad(`${content.byteLength} bytes, ${member.byteLength} declared`);
  if (crc32(content) !== member.crc32)
    return new EtlError("crc-mismatch", `${member.path}: its CRC-32 is not the directory's`);
  return content;
}

/** Inflates to at most the declared size, so that a bomb stops where it lies. */
function inflated(stored: Uint8Array, byteLength: number): Uint8Array | undefined {
  try {
    return inflateRawSync(stored, { maxOutputLength: Math.max(1, byteLength) });
  } catch {
    return undefined;
  }
}
