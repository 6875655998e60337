import { coalesce } from "../archive/ranges.ts";
import type { ByteRange } from "../model/byte-range.ts";
import type { Fetch, PlannedRow, PlannedShard } from "../model/plan.ts";

/** Rows read together: those of one case that follow each other in a shard, with the case's report. */
export interface FetchGroup {
  readonly archive: number;
  readonly rows: readonly PlannedRow[];
  /** What is asked of the server, in order. */
  readonly ranges: readonly ByteRange[];
}

/** The reads of one shard. The plan counts these, and the conversion makes these: so the prediction is exact. */
export function fetchGroups(
  rows: readonly PlannedRow[],
  { first, end }: Pick<PlannedShard, "first" | "end">,
): readonly FetchGroup[] {
  const groups: PlannedRow[][] = [];
  for (const row of rows.slice(first, end)) {
    const last = groups.at(-1);
    const before = last?.[0];
    const together =
      before?.archive === row.archive && before.caseId === row.caseId && before.collection === row.collection;
    if (last && together) last.push(row);
    else groups.push([row]);
  }
  return groups.map((group) => ({
    archive: group[0]!.archive,
    rows: group,
    ranges: coalesce(group.flatMap(extentsOf)),
  }));
}

function extentsOf({ extents, report }: PlannedRow): ByteRange[] {
  return [...extents, ...report].map(([start, end]) => ({ start, end }));
}

/** Requests and bytes of a whole conversion, one resolve an archive; the archives' directories come besides. */
export function countFetch(rows: readonly PlannedRow[], shards: readonly PlannedShard[]): Fetch {
  const groups = shards.flatMap((shard) => fetchGroups(rows, shard));
  const ranges = groups.flatMap((group) => group.ranges);
  const archives = new Set(groups.map((group) => group.archive)).size;
  return {
    bytes: ranges.reduce((sum, { start, end }) => sum + end - start, 0),
    ranges: ranges.length,
    resolves: archives,
    archives,
  };
}
