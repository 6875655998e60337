import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Slices that are in their series twice. */
export const duplicateSlices = ofEachSeries(
  {
    kind: "duplicate-slices",
    group: "series",
    meaning: "Slices repeat others of their series, pixel by pixel.",
  },
  ({ stack, slice_count }) =>
    stack && slice_count !== null && stack.duplicates >= thresholds.duplicateSlices
      ? {
          severity: stack.duplicates * 4 > slice_count ? "medium" : "low",
          value: stack.duplicates,
          threshold: thresholds.duplicateSlices,
          detail: `${stack.duplicates} of ${slice_count} slices repeat an earlier one`,
        }
      : undefined,
);
