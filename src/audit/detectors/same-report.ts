import { aboutGroup, type Detector } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { linking } from "../linking-reports.ts";

/** Cases with the same report, word by word. */
export const sameReport: Detector = {
  kind: "same-report",
  group: "leaks",
  meaning: "Several cases have the same report, word by word.",
  *find(all) {
    for (const [, series] of grouped(linking(all), ({ report }) => report.key)) {
      const cases = new Set(series.map(({ caseKey }) => caseKey));
      if (cases.size < 2) continue;
      const detail = `${cases.size} cases have the same report of ${series[0]!.report.words} words`;
      yield aboutGroup(series, { value: 1, threshold: 1, detail });
    }
  },
};
