import { ofEachCase } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Fewer words than this have few of the common ones by chance. */
const FEWEST_WORDS = 15;

/** Reports in another language. */
export const notEnglish = ofEachCase(
  { kind: "not-english", meaning: "The report is not in English, or is no running text." },
  ({ report }) =>
    report && report.words >= FEWEST_WORDS && report.english < thresholds.english
      ? {
          severity: "low",
          value: Math.round(report.english * 1000) / 1000,
          threshold: thresholds.english,
          detail: `${Math.round(report.english * 100)} % of its words are common English ones`,
        }
      : undefined,
);
