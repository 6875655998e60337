import { type ByteSource, type ReadOptions, readAll } from "../../bytes/byte-source.ts";
import type { ByteRange } from "../../model/byte-range.ts";
import { plainName } from "../member-name.ts";
import { DoubtFinder } from "./doubts.ts";
import type { CentralDirectory } from "./end-record.ts";
import { rawNameOf } from "./entry.ts";
import { LOCAL_BYTES, parseLocalHeader } from "./local-header.ts";
import { nameOf, UTF8_FLAG, unicodePath } from "./names.ts";

/** A directory's entries: where each stands in it, where its local header lies, and their order by that. */
export interface PlacedEntries {
  readonly central: CentralDirectory;
  readonly places: readonly number[];
  readonly starts: Float64Array;
  readonly order: readonly number[];
}

/** Entries whose local header has another name, by their number: both names, and how to say it. */
export type Contradicted = ReadonlyMap<number, { readonly paths: readonly string[]; readonly why: string }>;

/** Local headers are fetched in so many reads of so many bytes at most; what is still in doubt then is checked when it is read. */
const READS = 16;
const READ_BYTES = 4 << 20;
/** What a local header may have for its extra field. */
const EXTRA_BYTES = 1024;
/** Headers that lie so near are read as one. */
const NEAR_BYTES = 64 << 10;

/**
 * Holds the directory against local headers: a name that one wrong bit put elsewhere would lose a slice that nobody then
 * looks for. Those that the tail holds are all compared; elsewhere those that are in doubt by their neighbours.
 */
export async function contradicted(
  source: ByteSource,
  entries: PlacedEntries,
  options: ReadOptions,
): Promise<Contradicted> {
  const { central, places, starts, order } = entries;
  const { tail } = central;
  const doubts = new DoubtFinder();
  for (const nth of order) {
    const raw = rawNameOf(central.bytes, places[nth]!);
    const path = plainName(nameOf(raw));
    if (!path.endsWith("/")) doubts.add(nth, path, raw.bytes);
  }
  const found = new Map<number, { paths: string[]; why: string }>();
  const compare = (nth: number, bytes: Buffer) => {
    const wrong = contradiction(central.bytes, places[nth]!, bytes);
    if (wrong) found.set(nth, wrong);
  };
  const isInTail = (nth: number) => starts[nth]! >= tail.start && starts[nth]! < central.start;
  for (const nth of order) if (isInTail(nth)) compare(nth, tail.bytes.subarray(starts[nth]! - tail.start));
  const far = doubts.finish().filter((nth) => starts[nth]! < tail.start);
  for (const { start, end, members } of near(far, entries)) {
    const { buffer, byteOffset, byteLength } = await readAll(source, { start, end }, options);
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    for (const nth of members) compare(nth, bytes.subarray(starts[nth]! - start));
  }
  return found;
}

/** Reads that cover the local headers of these entries, as many as are worth it. */
function near(doubtful: readonly number[], { central, places, starts }: PlacedEntries) {
  const reads: (ByteRange & { end: number; members: number[] })[] = [];
  for (const nth of doubtful.toSorted((a, b) => starts[a]! - starts[b]!)) {
    const start = starts[nth]!;
    const name = rawNameOf(central.bytes, places[nth]!).bytes.byteLength;
    const end = Math.min(start + LOCAL_BYTES + name + EXTRA_BYTES, central.start);
    const last = reads.at(-1);
    if (last && start - last.end <= NEAR_BYTES && end - last.start <= READ_BYTES) {
      last.end = Math.max(last.end, end);
      last.members.push(nth);
    } else reads.push({ start, end, members: [nth] });
  }
  return reads.slice(0, READS);
}

/** How a local header's name differs from that of the entry at `place`; what is no header shows when it is read. */
function contradiction(directory: Buffer, place: number, bytes: Buffer) {
  const local = parseLocalHeader(bytes)?.name;
  if (!local) return undefined;
  const own = rawNameOf(directory, place);
  const isSame =
    own.bytes.equals(local.bytes) &&
    (isAscii(own.bytes) || ((own.flags ^ local.flags) & UTF8_FLAG) === 0) &&
    (unicodePath(local) === undefined || unicodePath(local) === unicodePath(own));
  const [path, localPath] = [plainName(nameOf(own)), plainName(nameOf(local))];
  if (isSame || path === localPath) return undefined;
  const why = `${JSON.stringify(path)} in the archive's directory, ${JSON.stringify(localPath)} in its local header: one of them is damaged`;
  return { paths: [path, localPath], why };
}

const isAscii = (name: Buffer) => name.every((byte) => byte < 0x80);
