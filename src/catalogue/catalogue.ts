import type { Directory, Folder, Member } from "../archive/archive-format.ts";
import { memoryBytesOf } from "../archive/folders.ts";
import { coalesce, RANGE_BYTES } from "../archive/ranges.ts";
import type { Fault } from "../errors.ts";
import { type Place, placeOf } from "../m3d-cap/member-path.ts";
import { sliceNumber } from "../m3d-cap/slice-number.ts";
import { transliterate } from "../m3d-cap/transliterate.ts";
import type { ByteRange } from "../model/byte-range.ts";
import { type SeriesKey, seriesId } from "../model/series.ts";
import { caseKey, isReport, placedFiles, placeOfFolder } from "./case-files.ts";

/** A series as the archives hold it: enough to select, to size and to find it, without its members. */
export interface CatalogueEntry extends SeriesKey {
  readonly id: string;
  /** The name that the split file knows it by. */
  readonly name: string;
  readonly archive: number;
  readonly slices: number;
  readonly storedBytes: number;
  readonly extents: readonly ByteRange[];
  readonly report: readonly ByteRange[];
  /** Why it can be no row, where that is known from the directory alone. */
  readonly fault: Fault | undefined;
}

/** Everything found in one archive, by series; `unplaced` counts the members that belong to no series or case. */
export interface ArchiveCatalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly members: number;
  readonly unplaced: number;
}

/** The reference keeps the box that it crops to in 16-bit integers. */
export const MAX_SERIES_SLICES = 32_767;
/** Encoded bytes of a series, which are in memory together: a hundred times the mean of the real ones. */
export const MAX_SERIES_BYTES = 1 << 30;

/** Groups the members of an archive into series and finds each case's report. */
export function catalogueOf(directory: Directory, archivePath: string, archive: number): ArchiveCatalogue {
  const series = new Map<string, Gathered>();
  const reports = new Map<string, Member>();
  const refusedReports = new Map<string, Fault>();
  let [members, unplaced] = [0, 0];
  for (const folder of directory.folders) {
    members += folder.count;
    const place = placeOfFolder(archivePath, folder);
    if (place?.kind === "series") gathered(series, place).folders.push(folder);
    else if (place === undefined) unplaced += folder.count;
    else
      for (const { member, place: own } of placedFiles([folder], archivePath)) {
        if (!own) unplaced += 1;
        else if (isReport(own)) reports.set(caseKey(own), member);
      }
  }
  for (const { path, reason } of directory.refused) {
    const place = placeOf(archivePath, path);
    const fault: Fault = { kind: "bad-member", detail: `${path}: ${reason}` };
    if (place?.kind === "series") gathered(series, place).refused ??= fault;
    else if (place && isReport(place)) refusedReports.set(caseKey(place), fault);
    else unplaced += 1;
  }
  const entries = [...series.values()].map((one) => {
    const slices = slicesOf(one, archivePath);
    unplaced += slices.unplaced;
    const fault = slices.fault ?? one.refused ?? refusedReports.get(caseKey(one.key));
    return toEntry(one.key, slices, { archive, report: reports.get(caseKey(one.key)), fault });
  });
  return { entries, members, unplaced };
}

interface Gathered {
  readonly key: SeriesKey;
  /** One, unless an archive has a case under two top folders. */
  readonly folders: Folder[];
  refused: Fault | undefined;
}

interface Slices {
  readonly count: number;
  readonly memoryBytes: number;
  readonly extents: readonly ByteRange[];
  readonly fault: Fault | undefined;
  /** Files whose names have no place. */
  readonly unplaced: number;
}

function gathered(series: Map<string, Gathered>, { collection, caseId, series: name }: SeriesKey): Gathered {
  const key = { collection, caseId, series: name };
  const id = seriesId(key);
  let one = series.get(id);
  if (!one) series.set(id, (one = { key, folders: [], refused: undefined }));
  return one;
}

/** Slices without a hole, named by distinct numbers, and short enough for one range: none of them has to be looked at. */
const isUsual = ({ extension, isGapless, start, end }: Folder) =>
  extension !== undefined && isGapless && end - start <= RANGE_BYTES && "number" in sliceNumber(`0${extension}`);

function slicesOf({ folders }: Gathered, archivePath: string): Slices {
  const [first, ...more] = folders;
  if (first && more.length === 0 && isUsual(first)) {
    const { count, memoryBytes } = first;
    const fault = badName(`${first.path}0${first.extension}`, placeOfFolder(archivePath, first));
    return { count, memoryBytes, extents: coalesce([first]), fault, unplaced: 0 };
  }
  const slices: Member[] = [];
  const names = new Set<string>();
  let fault: Fault | undefined;
  let unplaced = 0;
  for (const { member, place, slice } of placedFiles(folders, archivePath)) {
    if (!place) unplaced += 1;
    else if (slice) {
      fault ??= badName(member.path, place);
      if ("bad" in slice) fault ??= { kind: "bad-slice-name", detail: `${member.path}: ${slice.bad}` };
      if (names.has(place.file)) fault ??= { kind: "name-collision", detail: `${member.path}: twice in the archive` };
      names.add(place.file);
      slices.push(member);
    }
  }
  return { count: slices.length, memoryBytes: memoryBytesOf(slices), extents: coalesce(slices), fault, unplaced };
}

function badName(path: string, place: Place | undefined): Fault | undefined {
  if (place?.kind !== "series" || !place.bad) return undefined;
  return { kind: place.bad.kind, detail: `${path}: ${place.bad.why}` };
}

function toEntry(
  key: SeriesKey,
  { count, memoryBytes, extents }: Slices,
  { archive, report, ...found }: { archive: number; report: Member | undefined; fault: Fault | undefined },
): CatalogueEntry {
  const id = seriesId(key);
  const name = transliterate(key.series);
  const bytes = memoryBytes + (report ? memoryBytesOf([report]) : 0);
  let { fault } = found;
  if (count === 0) fault ??= { kind: "no-slices", detail: `${id}: the folder holds no .jpeg or .png file` };
  if (count > MAX_SERIES_SLICES)
    fault ??= { kind: "limit-exceeded", detail: `${id}: ${count} slices, more than ${MAX_SERIES_SLICES}` };
  if (bytes > MAX_SERIES_BYTES)
    fault ??= { kind: "limit-exceeded", detail: `${id}: ${bytes} bytes of slices, more than ${MAX_SERIES_BYTES}` };
  if (name.includes("/"))
    fault ??= { kind: "bad-series-name", detail: `${id}: its output name ${name}.npy is not a file name` };
  return {
    collection: key.collection,
    caseId: key.caseId,
    series: key.series,
    id,
    name,
    archive,
    slices: count,
    storedBytes: bytes,
    extents,
    report: report ? coalesce([report]) : [],
    fault,
  };
}

/** Series of one case whose output names are equal would overwrite each other: none of them can be a row. */
export function markCollisions(entries: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  const outputName = (entry: CatalogueEntry) => `${entry.collection}/${entry.caseId}/${entry.name}`;
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(outputName(entry), (counts.get(outputName(entry)) ?? 0) + 1);
  return entries.map((entry) =>
    counts.get(outputName(entry)) === 1
      ? entry
      : {
          ...entry,
          fault: {
            kind: "name-collision",
            detail: `${entry.id}: another series has the same output name ${entry.name}.npy`,
          },
        },
  );
}
