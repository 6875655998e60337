import type { Directory, Member } from "../archive/archive-format.ts";
import { coalesce } from "../archive/ranges.ts";
import type { Fault } from "../errors.ts";
import type { ByteRange } from "../model/byte-range.ts";
import { type Place, placeOf } from "../model/member-path.ts";
import { type SeriesKey, seriesId } from "../model/series.ts";
import { sliceNumber } from "../model/slice-number.ts";
import { transliterate } from "../model/transliterate.ts";

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

interface Gathered {
  readonly key: SeriesKey;
  readonly slices: Member[];
  readonly names: Set<string>;
  fault: Fault | undefined;
}

/** Groups the members of an archive into series and finds each case's report. */
export function catalogueOf(directory: Directory, archivePath: string, archive: number): ArchiveCatalogue {
  const series = new Map<string, Gathered>();
  const reports = new Map<string, Member>();
  const refusedReports = new Map<string, Fault>();
  let unplaced = 0;
  for (const member of directory.members) {
    const place = placeOf(archivePath, member.path);
    if (!place) unplaced += 1;
    else if (place.kind === "series") addSlice(gathered(series, place), place, member);
    else if (place.file === REPORT_FILE) reports.set(`${place.collection}/${place.caseId}`, member);
  }
  for (const { path, reason } of directory.refused) {
    const place = placeOf(archivePath, path);
    const fault: Fault = { kind: "bad-member", detail: `${path}: ${reason}` };
    if (place?.kind === "series") gathered(series, place).fault ??= fault;
    else if (place?.file === REPORT_FILE) refusedReports.set(`${place.collection}/${place.caseId}`, fault);
    else unplaced += 1;
  }
  for (const folder of directory.folders) {
    const place = placeOf(archivePath, `${folder}_`);
    if (place?.kind === "series") gathered(series, place);
  }
  const entries = [...series.values()].map((one) => {
    const caseKey = `${one.key.collection}/${one.key.caseId}`;
    return toEntry(one, reports.get(caseKey), one.fault ?? refusedReports.get(caseKey), archive);
  });
  return { entries, members: directory.members.length, unplaced };
}

/** The authors' script writes every `.txt` of a case; the split file names only this one. */
export const REPORT_FILE = "text.txt";

type SeriesPlace = Place & { readonly kind: "series" };

function gathered(series: Map<string, Gathered>, place: SeriesPlace): Gathered {
  const { collection, caseId, series: name } = place;
  const id = seriesId({ collection, caseId, series: name });
  let one = series.get(id);
  if (!one)
    series.set(
      id,
      (one = { key: { collection, caseId, series: name }, slices: [], names: new Set(), fault: undefined }),
    );
  return one;
}

function addSlice(one: Gathered, { file, bad }: SeriesPlace, member: Member): void {
  const stem = sliceNumber(file);
  if ("ignored" in stem) return;
  if (bad) one.fault ??= { kind: bad.kind, detail: `${member.path}: ${bad.why}` };
  if ("bad" in stem) one.fault ??= { kind: "bad-slice-name", detail: `${member.path}: ${stem.bad}` };
  if (one.names.has(file)) one.fault ??= { kind: "name-collision", detail: `${member.path}: twice in the archive` };
  one.names.add(file);
  one.slices.push(member);
}

function toEntry(
  { key, slices }: Gathered,
  report: Member | undefined,
  fault: Fault | undefined,
  archive: number,
): CatalogueEntry {
  const id = seriesId(key);
  const name = transliterate(key.series);
  if (slices.length === 0) fault ??= { kind: "no-slices", detail: `${id}: the folder holds no .jpeg or .png file` };
  // What comes out of the archive, which is more than what lies in it where that is deflated.
  const bytes = [...slices, ...(report ? [report] : [])].reduce(
    (sum, { storedBytes, byteLength }) => sum + Math.max(storedBytes, byteLength),
    0,
  );
  if (slices.length > MAX_SERIES_SLICES)
    fault ??= { kind: "limit-exceeded", detail: `${id}: ${slices.length} slices, more than ${MAX_SERIES_SLICES}` };
  if (bytes > MAX_SERIES_BYTES)
    fault ??= { kind: "limit-exceeded", detail: `${id}: ${bytes} bytes of slices, more than ${MAX_SERIES_BYTES}` };
  if (name.includes("/"))
    fault ??= { kind: "bad-series-name", detail: `${id}: its output name ${name}.npy is no file name` };
  return {
    ...key,
    id,
    name,
    archive,
    slices: slices.length,
    storedBytes: bytes,
    extents: coalesce(slices),
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
