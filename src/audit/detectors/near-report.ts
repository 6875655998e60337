import type { ReportFacts } from "../facts.ts";
import { aboutGroup, type Detector } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { linking } from "../linking-reports.ts";
import { jaccard, minHashBands } from "../measure/report.ts";
import { thresholds } from "../thresholds.ts";
import { type Link, linkedGroups } from "../union-find.ts";

/** Reports that share a band with very many others are held against so many of them. */
const MAX_COMPARED = 100;

/** Cases whose reports differ in a few words. */
export const nearReport: Detector = {
  kind: "near-report",
  group: "leaks",
  meaning: "Several cases have nearly the same report.",
  *find(all) {
    const byReport = grouped(linking(all), ({ report }) => report.key);
    const reports = [...byReport.values()].map((series) => series[0]!.report);
    for (const { members, least } of linkedGroups(reports, links(reports))) {
      const series = members.flatMap(({ key }) => byReport.get(key)!);
      const cases = new Set(series.map(({ caseKey }) => caseKey));
      if (cases.size < 2) continue;
      const detail = `${members.length} reports of ${cases.size} cases share ${Math.round(100 * least)} % of their phrases or more`;
      yield aboutGroup(series, { value: Math.round(least * 1e4) / 1e4, threshold: thresholds.reportJaccard, detail });
    }
  },
};

function* links(reports: readonly ReportFacts[]): Generator<Link> {
  const tables = new Map<string, number[]>();
  for (const [at, { shingles }] of reports.entries()) {
    const candidates = new Set<number>();
    for (const [band, key] of minHashBands(shingles).entries()) {
      const name = `${band} ${key}`;
      const before = tables.get(name);
      for (const other of before?.slice(0, MAX_COMPARED) ?? []) candidates.add(other);
      if (before) before.push(at);
      else tables.set(name, [at]);
    }
    for (const other of candidates) {
      const likeness = jaccard(reports[other]!.shingles, shingles);
      if (likeness >= thresholds.reportJaccard) yield { one: other, other: at, likeness };
    }
  }
}
