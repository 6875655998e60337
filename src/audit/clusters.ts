import { isLeak } from "./detectors.ts";
import type { SeriesFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { type Link, linkedGroups } from "./union-find.ts";

/** Series that must not be parted: one patient, one volume or one report, as far as can be told. */
export interface Cluster {
  readonly series: readonly SeriesFacts[];
  /** What joins them. */
  readonly findings: readonly Finding[];
  readonly cases: readonly string[];
  /** Official splits that it spans, sorted. */
  readonly splits: readonly string[];
}

/** What leaks join, those first that span splits, then those that more than the case itself joins, then the largest. */
export function clustersOf(series: readonly SeriesFacts[], findings: readonly Finding[]): Cluster[] {
  const places = new Map(series.map(({ id }, at) => [id, at]));
  const leaks = findings.filter(isLeak);
  const links: Link[] = leaks.flatMap(({ ids: [first, ...others] }) =>
    others.map((id) => ({ one: places.get(first!)!, other: places.get(id)!, likeness: 1 })),
  );
  const clusters = linkedGroups(series, links).map(({ members }) => clusterOf(members));
  const byId = new Map(clusters.flatMap((cluster) => cluster.series.map(({ id }) => [id, cluster] as const)));
  for (const finding of leaks) byId.get(finding.ids[0]!)!.findings.push(finding);
  const kinds = (cluster: Cluster) => new Set(cluster.findings.map(({ kind }) => kind)).size;
  return clusters.sort(
    (a, b) =>
      b.splits.length - a.splits.length ||
      kinds(b) - kinds(a) ||
      b.series.length - a.series.length ||
      (a.cases[0]! < b.cases[0]! ? -1 : 1),
  );
}

function clusterOf(series: readonly SeriesFacts[]): Cluster & { findings: Finding[] } {
  const cases = [...new Set(series.map(({ caseKey }) => caseKey))].sort();
  const splits = [...new Set(series.flatMap(({ split }) => split ?? []))].sort();
  return { series, findings: [], cases, splits };
}
