import { ofEachCase } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Reports of a few words. */
export const shortReport = ofEachCase(
  { kind: "short-report", meaning: "The report has a few words: next to nothing to learn from." },
  ({ report }) =>
    report && report.words > 0 && report.words < thresholds.fewestWords
      ? { severity: "low", value: report.words, threshold: thresholds.fewestWords, detail: `${report.words} words` }
      : undefined,
);
