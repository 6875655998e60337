import { coalesce } from "../archive/ranges.ts";
import type { ByteRange } from "../model/byte-range.ts";
import type { Fetch, PlannedArchive, PlannedRow, PlannedShard } from "../model/plan.ts";
import { caseNameOf } from "../model/series.ts";

/** Bytes that are read together at most, unless one series alone has more: a case may have any number of series. */
const MAX_GROUP_BYTES = 256 << 20;

/** Rows read together: those of one case that follow each other in a shard, with the case's report. */
export interface FetchGroup {
  readonly archive: number;
  readonly rows: readonly PlannedRow[];
  /** What is asked of the server, in order. */
  readonly ranges: readonly ByteRange[];
  /** What its rows name as their revision, where that is not the plan's. */
  readonly revision?: string | undefined;
}

/** The reads of one shard. The plan counts these, and the conversion makes these: so the prediction is exact. */
export function fetchGroups(
  rows: readonly PlannedRow[],
  { first, end, revision }: Pick<PlannedShard, "first" | "end" | "revision">,
): readonly FetchGroup[] {
  const groups: PlannedRow[][] = [];
  let bytes = 0;
  for (const row of rows.slice(first, end)) {
    const last = groups.at(-1);
    const before = last?.[0];
    bytes += row.storedBytes;
    const together =
      bytes <= MAX_GROUP_BYTES &&
      before?.archive === row.archive &&
      before.casePath === row.casePath &&
      caseNameOf(before) === caseNameOf(row);
    if (last && together) last.push(row);
    else {
      groups.push([row]);
      bytes = row.storedBytes;
    }
  }
  return groups.map((group) => ({
    archive: group[0]!.archive,
    rows: group,
    ranges: coalesce(group.flatMap(extentsOf)),
    revision,
  }));
}

/** A report that is read by itself is in no range of its case's slices. */
function extentsOf({ extents, report, reportFrom }: PlannedRow): ByteRange[] {
  return [...extents, ...(reportFrom ? [] : report)].map(([start, end]) => ({ start, end }));
}

/** Requests and bytes of a whole conversion; the archives' directories come besides. */
export function countFetch(
  rows: readonly PlannedRow[],
  shards: readonly PlannedShard[],
  archives: readonly PlannedArchive[],
): Fetch {
  const groups = archives.map((): FetchGroup[] => []);
  const visits = archives.map(() => 0);
  let last = -1;
  for (const shard of shards)
    for (const group of fetchGroups(rows, shard)) {
      groups[group.archive]!.push(group);
      if (group.archive !== last) visits[group.archive]! += 1;
      last = group.archive;
    }
  const fetch = { bytes: 0, ranges: 0, resolves: 0, archives: 0 };
  for (const [at, { format, byteLength }] of archives.entries()) {
    const read = groups[at]!;
    const ranges = read.flatMap((group) => group.ranges);
    if (read.length === 0) continue;
    const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    // A stream is read from its start, at most to its end, each time that the order of rows turns back or comes back to it.
    const passes = visits[at]! + turns(ranges);
    const [requests, moved] = format === "tar.gz" ? [passes, passes * byteLength] : [ranges.length, bytes];
    const files = read.reduce((sum, group) => sum + filesOf(group), 0);
    fetch.archives += 1;
    fetch.bytes += moved;
    fetch.ranges += format === "loose" ? files : requests;
    // A case that is read in two places has its report's link still.
    const reports = read.filter(hasReport);
    const again = reports.length - new Set(reports.map(({ rows: [row] }) => caseNameOf(row!))).size;
    fetch.resolves += format === "loose" ? files - again : 1;
    const apart = read.flatMap((group) => reportsApart(group));
    fetch.ranges += apart.length;
    fetch.bytes += apart.reduce((sum, { report }) => sum + lengthOf(report), 0);
  }
  return fetch;
}

const hasReport = ({ rows }: FetchGroup) => rows.some((row) => row.report.length > 0 && !row.reportFrom);
const lengthOf = (extents: PlannedRow["report"]) => extents.reduce((sum, [start, end]) => sum + end - start, 0);

/** Rows of a group for which a report is read from another place; one that several share is read once. */
export function reportsApart({ rows }: FetchGroup): readonly PlannedRow[] {
  const seen = new Map(
    rows
      .filter(({ reportFrom }) => reportFrom)
      .map((row) => [`${row.reportFrom!.archive} ${row.reportFrom!.path}`, row]),
  );
  return [...seen.values()];
}

/** Loose files are read one by one. */
const filesOf = (group: FetchGroup) => group.rows.reduce((sum, row) => sum + row.slices, hasReport(group) ? 1 : 0);

function turns(ranges: readonly ByteRange[]): number {
  return ranges.filter((range, at) => at > 0 && range.start < ranges[at - 1]!.end).length;
}
