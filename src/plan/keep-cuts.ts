import type { Plan, PlannedRow } from "../model/plan.ts";
import { countFetch } from "./fetch-groups.ts";
import { areTogether, type Cut, evenCuts, named } from "./plan-shards.ts";

/** Rows [first, end) of a new plan, and the number of the old plan's shard that they belong to. */
interface Stretch {
  readonly first: number;
  readonly end: number;
  readonly old: number | undefined;
}
/** Rows that were one shard of the old plan: all of it, in that order. */
export type Stayed = Stretch & { readonly old: number };

/**
 * The new plan, its rows cut where the old plan's are: a series that came or went moves no border but those beside it.
 * `revisionOf` gives what the rows of a shard that stayed name as their revision, where that is not the new one. Cut again
 * by what comes of it, the new plan is that.
 */
export function keepCuts(fresh: Plan, old: Plan, revisionOf: (stayed: Stayed) => string | undefined): Plan {
  const cuts: Cut[] = [];
  for (const stretch of stretchesOf(fresh.rows, old)) {
    const { first, end } = stretch;
    const { split } = fresh.rows[first]!;
    if (hasStayed(stretch, fresh, old)) {
      const revision = revisionOf(stretch);
      cuts.push({ split, first, end, ...(revision !== undefined && { revision }) });
    } else
      for (const [from, to] of evenCuts(fresh.rows, first, end, fresh.output))
        cuts.push({ split, first: from, end: to });
  }
  const shards = named(cuts, fresh.output);
  return { ...fresh, shards: [...shards], fetch: countFetch(fresh.rows, shards, fresh.archives) };
}

/** The shards of the old plan that are whole in the new one's order of rows, each by the number of its first row. */
export function stayedShards(fresh: Plan, old: Plan): ReadonlyMap<number, Stayed> {
  const stayed = stretchesOf(fresh.rows, old).flatMap((one) => (hasStayed(one, fresh, old) ? [one] : []));
  return new Map(stayed.map((one) => [one.first, one]));
}

function hasStayed(stretch: Stretch, fresh: Plan, old: Plan): stretch is Stayed {
  const { first, end, old: at } = stretch;
  if (at === undefined) return false;
  const before = old.shards[at]!;
  const ids = old.rows.slice(before.first, before.end).map(({ id }) => id);
  return ids.length === end - first && ids.every((id, n) => id === fresh.rows[first + n]!.id);
}

/** New rows between two of one shard go with it; others are by themselves. */
function stretchesOf(rows: readonly PlannedRow[], old: Plan): readonly Stretch[] {
  const shardOf = new Map<string, number>();
  for (const [at, { first, end }] of old.shards.entries())
    for (const { id } of old.rows.slice(first, end)) shardOf.set(id, at);
  const found: { first: number; end: number; old: number | undefined }[] = [];
  for (const [at, row] of rows.entries()) {
    const own = shardOf.get(row.id);
    const isNext = at > 0 && areTogether(rows[at - 1]!, row);
    // What came between: its border to the shard before it is none if that shard goes on.
    const between = found.at(-1)?.old === undefined ? found.at(-1) : undefined;
    const around = between && found.at(-2);
    if (own !== undefined && isNext && around?.old === own && areTogether(rows[between!.first - 1]!, row)) found.pop();
    const last = found.at(-1);
    if (isNext && last?.old === own) last!.end = at + 1;
    else found.push({ first: at, end: at + 1, old: own });
  }
  return found;
}
