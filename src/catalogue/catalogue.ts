import type { Directory, Folder, Member } from "../archive/archive-format.ts";
import { memoryBytesOf } from "../archive/folders.ts";
import { coalesce, RANGE_BYTES } from "../archive/ranges.ts";
import type { Fault } from "../errors.ts";
import { type Place, placeOf, type SeriesPlace } from "../m3d-cap/member-path.ts";
import { sliceNumber } from "../m3d-cap/slice-number.ts";
import { transliterate } from "../m3d-cap/transliterate.ts";
import type { ByteRange } from "../model/byte-range.ts";
import { type SeriesKey, seriesId } from "../model/series.ts";
import { FoundArrays } from "./arrays.ts";
import { isReport, placedFiles, placeOfFolder } from "./case-files.ts";

/** A series as the archives hold it: enough to select, to size and to find it, without its members. */
export interface CatalogueEntry extends SeriesKey {
  readonly id: string;
  /** The name that the split file knows it by. */
  readonly name: string;
  readonly archive: number;
  /** The case's folder in the archive, with a slash behind it. */
  readonly casePath: string;
  /** True where another folder of the archive has a series of this id: only this case's folder is read for it. */
  readonly isApart: boolean;
  /** It comes as the authors' finished array, and has no slices: it counts as one. */
  readonly isArray?: true;
  readonly slices: number;
  /** With the report's. */
  readonly storedBytes: number;
  readonly extents: readonly ByteRange[];
  readonly report: readonly ByteRange[];
  /** Where the report is, if it is not the one text of the case in the series' archive. */
  readonly reportFrom?: ReportPlace | undefined;
  /** Why it can be no row, where that is known from the directory alone. */
  readonly fault: Fault | undefined;
}
export interface ReportPlace {
  readonly archive: number;
  readonly path: string;
}

/** A case's text in an archive; `fault` says why it cannot be read. */
export interface FoundReport {
  readonly caseName: string;
  readonly archive: number;
  readonly path: string;
  readonly member: Member | undefined;
  readonly fault?: Fault;
}

/** Everything found in one archive, by series. Members that belong to no series or case are counted, and some named. */
export interface ArchiveCatalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly reports: readonly FoundReport[];
  readonly members: number;
  readonly unplaced: number;
  readonly strays: readonly string[];
}

/** The reference keeps the box that it crops to in 16-bit integers. */
export const MAX_SERIES_SLICES = 32_767;
/** Encoded bytes of a series, which are in memory together: a hundred times the mean of the real ones. */
export const MAX_SERIES_BYTES = 1 << 30;
/** So many names tell what kind of members they are. */
const NAMED_STRAYS = 3;

/** Groups the members of an archive into series and finds its cases' reports; `above` is what stands above its members. */
export function catalogueOf(directory: Directory, above: string, archive: number): ArchiveCatalogue {
  const series = new Map<string, Gathered>();
  const reports: FoundReport[] = [];
  const arrays = new FoundArrays(archive);
  const strays: string[] = [];
  let [members, unplaced] = [0, 0];
  const stray = (path: string, count = 1) => {
    if (count > 0 && strays.length < NAMED_STRAYS) strays.push(path);
    unplaced += count;
  };
  for (const folder of directory.folders) {
    members += folder.count;
    const place = placeOfFolder(above, folder);
    if (place?.kind === "series") gathered(series, place).folders.push(folder);
    else if (place === undefined) stray(folder.path || ".", folder.count);
    else
      for (const { member, place: own } of placedFiles([folder], above)) {
        if (!own) stray(member.path);
        else if (own.kind === "array") arrays.add(own, member.path, member);
        else if (isReport(own)) reports.push({ caseName: own.caseName, archive, path: member.path, member });
      }
  }
  for (const { path, reason } of directory.refused) {
    const place = placeOf(above, path);
    const fault: Fault = { kind: "bad-member", detail: `${path}: ${reason}` };
    if (place?.kind === "series") gathered(series, place).refused ??= fault;
    else if (place?.kind === "array") arrays.add(place, path, fault);
    else if (place && isReport(place))
      reports.push({ caseName: place.caseName, archive, path, member: undefined, fault });
    else stray(path);
  }
  const entries: CatalogueEntry[] = [];
  for (const [id, one] of series)
    for (const part of apart(one, above)) {
      const slices = slicesOf(part, above);
      for (const path of slices.unplaced) stray(path);
      entries.push(toEntry(id, part, slices, archive));
    }
  return { entries: [...entries, ...arrays.entries], reports, members, unplaced, strays };
}

interface Gathered {
  /** Of its first folder. */
  readonly place: SeriesPlace;
  /** One, unless an archive has a case under two top folders. */
  readonly folders: Folder[];
  refused: Fault | undefined;
  readonly isApart?: boolean;
}

interface Slices {
  readonly count: number;
  readonly memoryBytes: number;
  readonly extents: readonly ByteRange[];
  readonly fault: Fault | undefined;
  /** Files that have no place. */
  readonly unplaced: readonly string[];
}

function gathered(series: Map<string, Gathered>, place: SeriesPlace): Gathered {
  const id = seriesId(place);
  let one = series.get(id);
  if (!one) series.set(id, (one = { place, folders: [], refused: undefined }));
  return one;
}

/**
 * Folders of one series that share no slice's name are parts of it; those that do are each a series of that id, and whether
 * they are copies their bytes must tell.
 */
function apart(one: Gathered, above: string): readonly Gathered[] {
  if (one.folders.length < 2) return [one];
  const names = new Set<string>();
  for (const { place, slice } of placedFiles(one.folders, above)) {
    if (!slice || !place) continue;
    if (names.has(place.file)) return one.folders.map((folder) => ({ ...one, folders: [folder], isApart: true }));
    names.add(place.file);
  }
  return [one];
}

/** Slices without a hole, named by distinct numbers, and short enough for one range: none of them has to be looked at. */
export const isUsual = ({ extension, isGapless, start, end }: Folder) =>
  extension !== undefined && isGapless && end - start <= RANGE_BYTES && isOfSlices(extension);

/** The rule itself costs more than all else that is asked of a folder. */
const isOfSlices = (extension: string) =>
  extension === ".jpeg" || extension === ".png" || "number" in sliceNumber(`0${extension}`);

function slicesOf({ folders, place }: Gathered, above: string): Slices {
  const [first, ...more] = folders;
  if (first && more.length === 0 && isUsual(first)) {
    const { count, memoryBytes } = first;
    const fault = badName(`${first.path}0${first.extension}`, place);
    return { count, memoryBytes, extents: coalesce([first]), fault, unplaced: [] };
  }
  const slices: Member[] = [];
  const names = new Set<string>();
  let fault: Fault | undefined;
  const unplaced: string[] = [];
  for (const { member, place, slice } of placedFiles(folders, above)) {
    if (!place) unplaced.push(member.path);
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
  id: string,
  { place, folders, refused, isApart = false }: Gathered,
  { count, memoryBytes, extents, fault: found }: Slices,
  archive: number,
): CatalogueEntry {
  const { collection, caseId, caseName, series } = place;
  const casePath = folders[0]?.path.slice(0, -series.length - 1) ?? "";
  let fault = found ?? refused;
  if (count === 0)
    fault ??= {
      kind: "no-slices",
      detail: `${id}: the folder holds no .jpeg or .png file (.jpg and .JPEG are none to the authors' script)`,
    };
  if (count > MAX_SERIES_SLICES)
    fault ??= { kind: "limit-exceeded", detail: `${id}: ${count} slices, more than ${MAX_SERIES_SLICES}` };
  // Written out: of 120,000 entries, spreading one object into another takes seconds.
  return {
    collection,
    caseId,
    caseName,
    series,
    id,
    name: transliterate(series),
    archive,
    casePath,
    isApart,
    slices: count,
    storedBytes: memoryBytes,
    extents,
    report: [],
    reportFrom: undefined,
    fault,
  };
}
