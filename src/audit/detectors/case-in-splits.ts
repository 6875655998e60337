import { aboutGroup, type Detector } from "../finding.ts";
import { grouped } from "../grouped.ts";

/** One case's series in several splits: what the official lists do, for they were made by series. */
export const caseInSplits: Detector = {
  kind: "case-in-splits",
  group: "leaks",
  meaning:
    "A case's series lie in several splits: a model is tested on a patient, and on the report, that it was trained on.",
  *find(all) {
    for (const [caseKey, series] of grouped(all, (one) => (one.split === null ? undefined : one.caseKey))) {
      const splits = new Set(series.map(({ split }) => split));
      if (splits.size < 2) continue;
      const counts = [...splits].map((split) => `${series.filter((one) => one.split === split).length} in ${split}`);
      const detail = `${caseKey}: ${counts.sort().join(", ")}`;
      yield aboutGroup(series, { value: splits.size, threshold: 2, detail });
    }
  },
};
