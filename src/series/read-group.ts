import type { Member } from "../archive/archive-format.ts";
import { allMembers } from "../archive/folders.ts";
import { type PlannedRead, readMembers } from "../archive/ranges.ts";
import { isReport, placedFiles } from "../catalogue/case-files.ts";
import { archiveFor, type Cases, type DirectoryCache } from "../catalogue/directories.ts";
import { EtlError, isFault } from "../errors.ts";
import { collectEvery, collectWhenMuch } from "../memory/collect-garbage.ts";
import { MAPPED_BYTES, type Slab, type Slabs } from "../memory/slabs.ts";
import type { ByteRange } from "../model/byte-range.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import { caseNameOf } from "../model/series.ts";
import { type FetchGroup, reportsApart } from "../plan/fetch-groups.ts";
import type { Source } from "../source/source.ts";
import type { SeriesTask } from "./series-task.ts";

/** A series' bytes, or the fault that rejects it; and where its slices lie, to be given back. */
export type ReadSeries = Read & { readonly slab: Slab | undefined };
type Read =
  | { readonly row: PlannedRow; readonly task: SeriesTask }
  | { readonly row: PlannedRow; readonly fault: EtlError };

export interface ReadTools {
  readonly plan: Plan;
  readonly source: Source;
  readonly directories: DirectoryCache;
  readonly signal?: AbortSignal | undefined;
}

/** The chunks that bytes come in are done with at once; they are given back after so many of them. */
const COLLECT_EVERY_BYTES = 4 << 20;
/** Of all groups together. */
const doneWith = collectEvery(COLLECT_EVERY_BYTES);

/**
 * Reads the members of a group by the group's ranges, checks each, and sorts them out into series. Slices lie in slabs where
 * there are any, to be given back once a series is done.
 */
export async function readGroup(
  group: FetchGroup,
  tools: ReadTools,
  slabs: Slabs | undefined,
): Promise<readonly ReadSeries[]> {
  const archive = archiveFor(tools.source, tools.plan.archives[group.archive]!);
  const { absent } = archive;
  if (absent) return group.rows.map((row) => ({ row, fault: absent, slab: undefined }));
  const wanted = wantedOf(group, await tools.directories.get(archive), archive.above);
  const planned = byRange(group.ranges, wanted.all);
  const contents = new Map<Member, Uint8Array | EtlError>();
  const memory = new SeriesMemory(wanted, slabs);
  const options = { signal: tools.signal, place: (member: Member) => memory.place(member) };
  for await (const { member, extent } of readMembers(archive.bytes, planned, options)) {
    contents.set(member, await checked(archive, member, extent, tools));
    doneWith(extent.byteLength);
  }
  const apart = new Map<string, Uint8Array | EtlError>();
  for (const { reportFrom } of reportsApart(group))
    apart.set(reportKey(reportFrom!), await readReport(reportFrom!, tools));
  collectWhenMuch();
  return group.rows.map((row) => {
    const own = wanted.report && contents.get(wanted.report);
    const report = row.reportFrom ? apart.get(reportKey(row.reportFrom)) : own;
    const sourceRevision = group.revision ?? tools.plan.source.revision;
    const read = toTask(row, wanted, contents, { report, tools, sourceFile: archive.path, sourceRevision });
    return { ...read, slab: memory.slabOf(row.series) };
  });
}

/** Members by the range that they lie in, of ranges that are sorted and apart. Empty ones, which lie in none, each by itself. */
function byRange(ranges: readonly ByteRange[], members: readonly Member[]): PlannedRead[] {
  const sorted = members.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  let at = 0;
  const reads = ranges.map((range): PlannedRead => {
    const own: Member[] = [];
    for (; at < sorted.length && sorted[at]!.end <= range.end; at++)
      if (sorted[at]!.start >= range.start) own.push(sorted[at]!);
    return { range, members: own };
  });
  const empty = members.filter(({ start, end }) => start === end);
  return [...reads, ...empty.map(({ start }, nth) => ({ range: { start, end: start }, members: [empty[nth]!] }))];
}

/** One buffer a series: thousands of small ones, made here and freed there, leave the memory in pieces that nobody can use. */
class SeriesMemory {
  private readonly seriesOf: ReadonlyMap<Member, string>;
  private readonly wanted: Wanted;
  private readonly slabs: Slabs | undefined;
  private readonly open = new Map<string, { memory: ArrayBufferLike; slab: Slab | undefined; at: number }>();
  constructor(wanted: Wanted, slabs: Slabs | undefined) {
    this.wanted = wanted;
    this.slabs = slabs;
    this.seriesOf = new Map(
      [...wanted.slices].flatMap(([series, slices]) => slices.map(({ member }) => [member, series] as const)),
    );
  }

  place(member: Member): Uint8Array {
    const length = member.end - member.start;
    const series = this.seriesOf.get(member);
    if (series === undefined) return new Uint8Array(length);
    let part = this.open.get(series);
    if (!part) {
      const bytes = this.wanted.slices.get(series)!.reduce((sum, { member: { start, end } }) => sum + end - start, 0);
      const slab = this.slabs?.take(bytes);
      part = { memory: slab?.memory ?? new ArrayBuffer(Math.max(bytes, MAPPED_BYTES)), slab, at: 0 };
      this.open.set(series, part);
    }
    return new Uint8Array(part.memory, (part.at += length) - length, length);
  }

  slabOf(series: string): Slab | undefined {
    return this.open.get(series)?.slab;
  }
}

type Archive = ReturnType<typeof archiveFor>;

/** A member that fails its check is read once more: a bit may have flipped on the way. */
async function checked(
  archive: Archive,
  member: Member,
  extent: Uint8Array,
  { signal, directories }: ReadTools,
): Promise<Uint8Array | EtlError> {
  const first = archive.format.extract(member, extent);
  if (!isFault(first)) return first;
  const range = { start: member.start, end: member.end };
  let second: Uint8Array | EtlError = first;
  for await (const again of readMembers(archive.bytes, [{ range, members: [member] }], { signal }))
    second = archive.format.extract(member, again.extent);
  if (isFault(second)) second = await takenElsewhere(archive, member, second, signal);
  if (isFault(second)) await directories.distrust(archive, member.path);
  return second;
}

/** The member as another place has it, where one has it whole; else the fault. */
async function takenElsewhere(
  { others = [], format, onOther }: Archive,
  member: Member,
  fault: EtlError,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | EtlError> {
  const reads = [{ range: { start: member.start, end: member.end }, members: [member] }];
  for (const other of others)
    for await (const { extent } of readMembers(other, reads, { signal })) {
      const found = format.extract(member, extent);
      if (isFault(found)) continue;
      onOther?.(fault, other.name);
      return found;
    }
  return fault;
}

interface Wanted {
  readonly all: readonly Member[];
  readonly slices: ReadonlyMap<string, readonly { readonly file: string; readonly member: Member }[]>;
  readonly report: Member | undefined;
}

type ReportFrom = NonNullable<PlannedRow["reportFrom"]>;
const reportKey = ({ archive, path }: ReportFrom) => `${archive} ${path}`;

/** A case's text that lies elsewhere than its slices. */
async function readReport({ archive: at, path }: ReportFrom, tools: ReadTools): Promise<Uint8Array | EtlError> {
  const archive = archiveFor(tools.source, tools.plan.archives[at]!);
  if (archive.absent) return archive.absent;
  const folders = [...(await tools.directories.get(archive)).values()].flat();
  const folder = folders.filter((one) => one.path === path.slice(0, path.lastIndexOf("/") + 1));
  const member = allMembers({ folders: folder }).findLast((one) => one.path === path);
  if (!member)
    throw new EtlError("source-changed", `${path}: is no longer in ${archive.path}; plan again in a new folder`);
  const range = { start: member.start, end: member.end };
  for await (const { extent } of readMembers(archive.bytes, [{ range, members: [member] }], { signal: tools.signal }))
    return checked(archive, member, extent, tools);
  return new Uint8Array(0);
}

function wantedOf(group: FetchGroup, cases: Cases, above: string): Wanted {
  const slices = new Map<string, { file: string; member: Member }[]>(group.rows.map((row) => [row.series, []]));
  const { casePath = "", reportFrom } = group.rows[0]!;
  let report: Member | undefined;
  const arrays = new Set(group.rows.filter(({ array }) => array).map(({ series }) => series));
  const folders = (cases.get(caseNameOf(group.rows[0]!)) ?? []).filter(({ path }) => path.startsWith(casePath));
  for (const { member, place, slice } of placedFiles(folders, above)) {
    if (place && isReport(place) && !reportFrom) report = member;
    if (!place || place.kind === "case") continue;
    if (arrays.has(place.series) ? place.kind === "array" : slice)
      slices.get(place.series)?.push({ file: place.file, member });
  }
  const all = [...slices.values()].flatMap((list) => list.map(({ member }) => member));
  return { all: report ? [...all, report] : all, slices, report };
}

type Origin = Pick<SeriesTask, "sourceFile" | "sourceRevision">;

function toTask(
  row: PlannedRow,
  wanted: Wanted,
  contents: ReadonlyMap<Member, Uint8Array | EtlError>,
  { report, tools, ...origin }: Origin & { report: Uint8Array | EtlError | undefined; tools: ReadTools },
): Read {
  const { plan } = tools;
  if (report instanceof EtlError) return { row, fault: report };
  const slices: { file: string; bytes: Uint8Array }[] = [];
  for (const { file, member } of wanted.slices.get(row.series) ?? []) {
    const bytes = contents.get(member);
    if (bytes instanceof EtlError) return { row, fault: bytes };
    if (bytes) slices.push({ file, bytes });
  }
  if (slices.length !== row.slices)
    throw new EtlError(
      "source-changed",
      `${row.id}: ${slices.length} slices found, ${row.slices} planned; plan again in a new folder`,
    );
  return {
    row,
    task: {
      row,
      slices,
      report: report ?? null,
      ...origin,
      output: plan.output,
    },
  };
}
