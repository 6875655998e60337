import { createHash } from "node:crypto";
import { crc32, inflateRawSync } from "node:zlib";
import type { ByteSource, ReadOptions } from "../../bytes/byte-source.ts";
import { EtlError } from "../../errors.ts";
import type { ArchiveFormat, Directory, Member } from "../archive-format.ts";
import { FolderPacker } from "../folders.ts";
import { MAX_MEMBER_BYTES, MAX_MEMBERS } from "../limits.ts";
import { type Contradicted, contradicted, type PlacedEntries } from "./contradicted.ts";
import { type CentralDirectory, readCentralDirectory } from "./end-record.ts";
import { type Entry, entryPlaces, offsetOf, parseEntry } from "./entry.ts";
import { disagreement, LOCAL_BYTES, parseLocalHeader } from "./local-header.ts";

/** Where a hole follows a member, so much is read around its data: names and extra fields of the usual size, a descriptor. */
const USUAL_OVERHEAD = 4 << 10;

/** ZIP and ZIP64, stored and deflated. One bad entry is refused alone; a broken directory refuses the archive. */
export const zip: ArchiveFormat = { name: "zip", accepts: (path) => /\.zip$/i.test(path), directory, extract };

async function directory(source: ByteSource, options: ReadOptions = {}): Promise<Directory> {
  const once = async () => {
    const central = await readCentralDirectory(source, options);
    const entries = entriesOf(source.name, central);
    const wrong = await contradicted(source, entries, options);
    return { directory: { ...packed(entries, wrong), own: ownOf(central) }, isSure: wrong.size === 0 };
  };
  const first = await once();
  if (first.isSure) return first.directory;
  // A bit may have flipped on the way.
  const { directory, isSure } = await once();
  return isSure ? directory : { ...directory, isUnsure: true };
}

const ownOf = ({ start, bytes }: CentralDirectory) => ({
  start,
  end: start + bytes.byteLength,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});

function entriesOf(name: string, central: CentralDirectory): PlacedEntries {
  const { bytes, count, modulo } = central;
  const broken = (why: string) => new EtlError("bad-archive", `${name}: ${why}`);
  const places = entryPlaces(bytes);
  if (!places) throw broken("its central directory is damaged; get the file again");
  if (places.length > MAX_MEMBERS) throw broken(`more than ${MAX_MEMBERS} entries; no such archive is read`);
  if (modulo === Number.POSITIVE_INFINITY ? places.length !== count : places.length % modulo !== count)
    throw broken(`announces ${count} entries, holds ${places.length}; get the file again`);
  // Of 150,000 entries only numbers are held; each entry itself goes once it is packed.
  const starts = Float64Array.from(places, (place) => offsetOf(bytes, place) + central.shift);
  const order = [...places.keys()].sort((a, b) => starts[a]! - starts[b]!);
  return { central, places, starts, order };
}

/** Folders of the entries but those that `wrong` names: these are refused, under both their names. */
function packed({ central, places, starts, order }: PlacedEntries, wrong: Contradicted): Directory {
  const packer = new FolderPacker();
  const refused: { path: string; reason: string }[] = [];
  const folders: string[] = [];
  let reached = 0;
  order.forEach((nth, i) => {
    const entry = parseEntry(central.bytes, places[nth]!);
    const start = starts[nth]!;
    const next = Math.min(starts[order[i + 1]!] ?? central.start, central.start);
    const end = Math.min(next, start + entry.storedBytes + USUAL_OVERHEAD);
    // Of two entries over one local header nobody can tell which is the liar.
    if (start === starts[order[i - 1]!]) reached = Math.max(reached, start + 1);
    const reason = refusal(entry, start, end, reached, central.start);
    const other = wrong.get(nth);
    if (reason) refused.push({ path: entry.path, reason });
    else if (other) for (const path of other.paths) refused.push({ path, reason: other.why });
    else if (entry.path.endsWith("/")) folders.push(entry.path);
    else if (entry.path !== "") packer.add(memberOf(entry, start, end));
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
  const local = parseLocalHeader(view);
  if (!local) return bad("no local header where the directory says");
  const wrong = disagreement(local, member);
  if (wrong) return bad(wrong);
  const start = local.dataStart;
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
