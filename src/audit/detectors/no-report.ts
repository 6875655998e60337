import { ofEachCase } from "../finding.ts";

/** Cases without a report, or with an empty one. */
export const noReport = ofEachCase(
  { kind: "no-report", meaning: "The case has no report, or one without a word." },
  ({ report }) =>
    (report?.words ?? 0) === 0
      ? { severity: "medium", value: 0, threshold: 1, detail: report ? "the report is empty" : "there is no report" }
      : undefined,
);
