import { ofEachCase } from "../finding.ts";

/** Reports that are not the findings. */
export const fallbackReport = ofEachCase(
  {
    kind: "fallback-report",
    meaning: "There are no findings in text.txt: the report is the discussion, or the whole text with its headings.",
  },
  ({ report, report_source, headings }) =>
    report && (report_source === "whole_text" || headings.length > 0)
      ? {
          severity: "medium",
          value: headings.length,
          threshold: 1,
          detail: `${report_source?.replace("_", " ")}${headings.length > 0 ? `, with the headings ${headings.join(" ")}` : ""}`,
        }
      : report && report_source === "discussion"
        ? { severity: "low", value: 0, threshold: 1, detail: "the discussion" }
        : undefined,
);
