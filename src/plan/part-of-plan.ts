import type { Plan, PlannedRow, PlannedShard } from "../model/plan.ts";
import { countFetch } from "./fetch-groups.ts";
import { plannedRowBytes } from "./plan-shards.ts";

/** A shard of a plan with those of its rows that are wanted. */
export type WantedShard = Omit<PlannedShard, "first" | "end"> & { readonly rows: readonly PlannedRow[] };

/** A shard with all its rows. */
export function wholeShard({ rows }: Plan, { first, end, ...shard }: PlannedShard): WantedShard {
  return { ...shard, rows: rows.slice(first, end) };
}

/** A plan of some of another's rows: the shards keep their names, and archives that nothing is read from are left out. */
export function partOfPlan(plan: Plan, wanted: readonly WantedShard[]): Plan {
  const all = wanted.flatMap(({ rows }) => rows);
  const used = [...new Set(all.flatMap((row) => [row.archive, row.reportFrom?.archive ?? row.archive]))];
  used.sort((a, b) => a - b);
  const places = new Map(used.map((archive, at) => [archive, at]));
  const archives = used.map((at) => plan.archives[at]!);
  // A plan's hash is of its JSON: the order of the keys stays.
  const rows = all.map((row) => {
    const { archive, reportFrom } = row;
    const from = reportFrom && { reportFrom: { ...reportFrom, archive: places.get(reportFrom.archive)! } };
    return { ...row, archive: places.get(archive)!, ...from };
  });
  let end = 0;
  const shards = wanted.map(({ path, split, rows: own, revision }) => {
    const range = { first: end, end: (end += own.length) };
    return { path, split, ...range, ...(revision !== undefined && { revision }) };
  });
  return {
    ...plan,
    archives,
    rows,
    shards,
    fetch: countFetch(rows, shards, archives),
    outputBytes: rows.reduce((sum, row) => sum + plannedRowBytes(row, plan.output), 0),
  };
}
