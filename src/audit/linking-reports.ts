import type { ReportFacts, SeriesFacts } from "./facts.ts";
import { grouped } from "./grouped.ts";
import { thresholds } from "./thresholds.ts";

type Reported = SeriesFacts & { readonly report: ReportFacts };

/** Series whose report says enough to tell their case from others: neither a few words nor a phrase that many cases have. */
export function linking(all: readonly SeriesFacts[]): readonly Reported[] {
  const reported = all.filter((one): one is Reported => (one.report?.words ?? 0) >= thresholds.fewestLinkingWords);
  return [...grouped(reported, ({ report }) => report.key).values()]
    .filter((series) => new Set(series.map(({ caseKey }) => caseKey)).size <= thresholds.mostCasesOfReport)
    .flat();
}
