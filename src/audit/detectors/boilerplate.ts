import type { ReportFacts, SeriesFacts } from "../facts.ts";
import { type Detector, splitsOf } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { thresholds } from "../thresholds.ts";

/** Fewer cases than this make no phrase a common one, however small the data set. */
const FEWEST_CASES = 10;
/** Counters, twice as many as different phrases that 120,000 series have; two phrases that share one count as one. */
const COUNTERS = 1 << 23;

/** Reports of nothing but stock phrases. */
export const boilerplate: Detector = {
  kind: "boilerplate",
  group: "reports",
  meaning: "The report is made of phrases that a good part of all cases have: it says little of this case.",
  *find(all) {
    const cases = [...grouped(all, ({ caseKey }) => caseKey).values()].filter((series) => series[0]!.report !== null);
    const counts = phraseCounts(cases.map((series) => series[0]!.report!));
    const common = Math.max(FEWEST_CASES, thresholds.commonCases * cases.length);
    for (const series of cases) {
      const share = commonShare(series, counts, common);
      if (share < thresholds.boilerplateShare) continue;
      const detail = `${Math.round(100 * share)} % of its phrases are in ${Math.ceil(common)} cases or more`;
      const value = Math.round(share * 1000) / 1000;
      const found = { value, threshold: thresholds.boilerplateShare, detail, splits: splitsOf(series) };
      yield { severity: "low", ids: [series[0]!.id], ...found };
    }
  },
};

function phraseCounts(reports: readonly ReportFacts[]): Uint16Array {
  const counts = new Uint16Array(COUNTERS);
  for (const { shingles } of reports)
    for (const shingle of shingles) counts[shingle % COUNTERS] = Math.min(65535, counts[shingle % COUNTERS]! + 1);
  return counts;
}

function commonShare([first]: readonly SeriesFacts[], counts: Uint16Array, least: number): number {
  const { shingles } = first!.report!;
  const common = shingles.reduce((sum, shingle) => sum + (counts[shingle % COUNTERS]! >= least ? 1 : 0), 0);
  return shingles.length === 0 ? 0 : common / shingles.length;
}
