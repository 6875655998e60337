import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Member } from "../archive/archive-format.ts";
import { NO_CRC } from "../archive/loose.ts";
import { readMembers } from "../archive/ranges.ts";
import type { Archive, Source } from "../source/source.ts";
import { placedFiles } from "./case-files.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { DirectoryCache } from "./directories.ts";

/** A series that is left out, since `kept` has the same bytes. */
export interface Copy {
  readonly entry: CatalogueEntry;
  readonly kept: CatalogueEntry;
}

/**
 * Series of one output name would overwrite each other. Those of one id with the same bytes are one series, of which the
 * cheapest to read is kept; of all others none can be a row.
 */
export async function withoutCopies(
  entries: readonly CatalogueEntry[],
  source: Pick<Source, "name" | "revision" | "archives">,
  signal?: AbortSignal,
): Promise<{ entries: readonly CatalogueEntry[]; copies: readonly Copy[] }> {
  const several = namedAlike(entries);
  if (several.length === 0) return { entries, copies: [] };
  const bytes = new SeriesBytes(source, signal);
  const replaced = new Map<CatalogueEntry, CatalogueEntry | undefined>();
  const copies: Copy[] = [];
  for (const group of several) {
    const kept = await theOne(group, bytes, source.archives);
    for (const entry of group) {
      replaced.set(entry, kept ? undefined : collided(entry, group, source.archives));
      if (kept && kept !== entry) copies.push({ entry, kept });
    }
    if (kept) replaced.set(kept, kept);
  }
  const left = entries.map((entry) => (replaced.has(entry) ? replaced.get(entry) : entry));
  return { entries: left.filter((entry) => entry !== undefined), copies };
}

/** Entries of one output name, where there are several: of 120,000 hardly any. */
function namedAlike(entries: readonly CatalogueEntry[]): readonly (readonly CatalogueEntry[])[] {
  const first = new Map<string, CatalogueEntry>();
  const groups = new Map<CatalogueEntry, CatalogueEntry[]>();
  for (const entry of entries) {
    const name = `${entry.caseName}/${entry.name}`;
    const before = first.get(name);
    if (!before) first.set(name, entry);
    else if (!groups.get(before)?.push(entry)) groups.set(before, [before, entry]);
  }
  return groups.size === 0 ? [] : [...first.values()].flatMap((one) => (groups.has(one) ? [groups.get(one)!] : []));
}

/** The one to read, where all are the same series; an empty folder beside it is no other. */
async function theOne(
  group: readonly CatalogueEntry[],
  bytes: SeriesBytes,
  archives: readonly Archive[],
): Promise<CatalogueEntry | undefined> {
  // Where the slices are there too, the array is what they make; by slices more is known of a series.
  const sliced = group.filter(({ isArray, fault }) => !isArray && fault?.kind !== "no-slices");
  if (sliced.length > 0 && sliced.length < group.length) return theOne(sliced, bytes, archives);
  if (new Set(group.map(({ id }) => id)).size > 1) return undefined;
  const full = group.filter(({ fault }) => fault?.kind !== "no-slices");
  const [first, ...others] = full.length > 0 ? full : group.slice(0, 1);
  if (others.length === 0) return first;
  for (const digest of [
    (entry: CatalogueEntry) => bytes.shape(entry),
    (entry: CatalogueEntry) => bytes.digest(entry),
  ]) {
    const wanted = await digest(first!);
    for (const other of others) if ((await digest(other)) !== wanted) return undefined;
  }
  const cost = ({ archive, extents }: CatalogueEntry) =>
    ["zip", "loose", "tar", "tar.gz"].indexOf(archives[archive]!.format.name) * 1e6 + extents.length;
  return full.toSorted((a, b) => cost(a) - cost(b))[0];
}

/** What a series' slices are, by name, size and CRC-32. Loose files, which have no checksum, are read for it. */
class SeriesBytes {
  private readonly directories: DirectoryCache;
  private readonly archives: readonly Archive[];
  private readonly signal: AbortSignal | undefined;
  constructor(source: Pick<Source, "name" | "revision" | "archives">, signal: AbortSignal | undefined) {
    this.directories = new DirectoryCache(source, signal);
    this.archives = source.archives;
    this.signal = signal;
  }

  /** Of names and sizes alone: what differs here need not be read. */
  async shape(entry: CatalogueEntry): Promise<string> {
    return (await this.slices(entry)).map(([file, { byteLength }]) => `${file} ${byteLength}`).join("\n");
  }

  async digest(entry: CatalogueEntry): Promise<string> {
    const hash = createHash("sha256");
    for (const [file, member] of await this.slices(entry))
      hash.update(`${file} ${member.byteLength} ${await this.checksum(entry, member)}\n`);
    return hash.digest("hex");
  }

  private async slices(entry: CatalogueEntry): Promise<readonly (readonly [file: string, member: Member])[]> {
    const archive = this.archives[entry.archive]!;
    const folders = (await this.directories.get(archive)).get(entry.caseName) ?? [];
    const own = entry.isApart ? folders.filter(({ path }) => path.startsWith(entry.casePath)) : folders;
    const found: [string, Member][] = [];
    for (const { member, place, slice } of placedFiles(own, archive.above)) {
      const isOf = entry.isArray ? place?.kind === "array" : slice && place?.kind === "series";
      if (isOf && place?.kind !== "case" && place?.series === entry.series) found.push([place.file, member]);
    }
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  private async checksum({ archive }: CatalogueEntry, member: Member): Promise<number> {
    if (member.crc32 !== NO_CRC) return member.crc32;
    const reads = [{ range: { start: member.start, end: member.end }, members: [member] }];
    for await (const { extent } of readMembers(this.archives[archive]!.bytes, reads, { signal: this.signal }))
      return crc32(extent);
    return 0;
  }
}

function collided(
  entry: CatalogueEntry,
  group: readonly CatalogueEntry[],
  archives: readonly Archive[],
): CatalogueEntry {
  const isOther = group.some(({ id }) => id !== entry.id);
  const places = group.map(({ archive, casePath }) => `${archives[archive]!.path || "loose files"} ${casePath}`.trim());
  const detail = isOther
    ? `${entry.id}: another series has the same output name ${entry.name}.npy`
    : `${entry.id}: more than once, with different bytes: ${places.join(", ")}`;
  return { ...entry, fault: { kind: "name-collision", detail } };
}
