import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Volumes of one gray value, or nearly. */
export const narrowRange = ofEachSeries(
  {
    kind: "narrow-range",
    group: "series",
    meaning: "The whole volume is of one gray value, or nearly: stretched to 0..1 it is noise.",
  },
  ({ lowest, highest }) =>
    highest - lowest < thresholds.narrowRange
      ? {
          severity: "high",
          value: highest - lowest,
          threshold: thresholds.narrowRange,
          detail: `gray values from ${lowest} to ${highest}`,
        }
      : undefined,
);
