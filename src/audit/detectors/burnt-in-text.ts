import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Letters in the pixels. */
export const burntInText = ofEachSeries(
  {
    kind: "burnt-in-text",
    group: "series",
    meaning:
      "Sharp edges stay in place from slice to slice, as letters do: a model may read them, and they may name a person. Look before you publish.",
  },
  ({ stack }) =>
    stack && stack.burntInLines >= thresholds.burntInLines
      ? {
          severity: "medium",
          value: stack.burntInLines,
          threshold: thresholds.burntInLines,
          detail: `${stack.burntInLines} lines of pixels, one below the other, have edges that stay in place`,
        }
      : undefined,
);
