import { memoryBytesOf } from "../archive/folders.ts";
import { coalesce } from "../archive/ranges.ts";
import type { Fault } from "../errors.ts";
import { type CatalogueEntry, type FoundReport, MAX_SERIES_BYTES } from "./catalogue.ts";

/** Gives each series its case's report: the one beside it, else one of its archive, else one that lies elsewhere. */
export function withReports(
  entries: readonly CatalogueEntry[],
  reports: readonly FoundReport[],
): readonly CatalogueEntry[] {
  const byCase = new Map<string, FoundReport[]>();
  for (const report of reports) if (!byCase.get(report.caseName)?.push(report)) byCase.set(report.caseName, [report]);
  return entries.map((entry) => {
    const found = byCase.get(entry.caseName);
    return checkSize(found ? withReport(entry, found) : entry);
  });
}

function withReport(entry: CatalogueEntry, found: readonly FoundReport[]): CatalogueEntry {
  const inArchive = found.filter(({ archive }) => archive === entry.archive);
  const beside = inArchive.filter(({ path }) => path.slice(0, path.lastIndexOf("/") + 1) === entry.casePath);
  const [near] = [beside, inArchive, found].filter(({ length }) => length > 0);
  // Of one path the last counts, as when an archive is unpacked.
  const report = near!.at(-1)!;
  if (!report.member) return { ...entry, fault: entry.fault ?? report.fault };
  const fault = near === beside ? undefined : differing(entry, near!);
  return {
    ...entry,
    storedBytes: entry.storedBytes + memoryBytesOf([report.member]),
    report: coalesce([report.member]),
    reportFrom: inArchive.length === 1 ? undefined : { archive: report.archive, path: report.path },
    fault: entry.fault ?? fault,
  };
}

/** Reports that lie elsewhere must be one report: nothing tells which of two is meant. */
function differing({ id }: CatalogueEntry, reports: readonly FoundReport[]): Fault | undefined {
  const kinds = new Set(reports.map(({ member }) => member && `${member.byteLength} ${member.crc32}`));
  if (kinds.size < 2) return undefined;
  return {
    kind: "name-collision",
    detail: `${id}: ${reports.length} different reports: ${reports.map(({ path }) => path).join(", ")}`,
  };
}

function checkSize(entry: CatalogueEntry): CatalogueEntry {
  if (entry.fault || entry.storedBytes <= MAX_SERIES_BYTES) return entry;
  const detail = `${entry.id}: ${entry.storedBytes} bytes of slices, more than ${MAX_SERIES_BYTES}`;
  return { ...entry, fault: { kind: "limit-exceeded", detail } };
}
