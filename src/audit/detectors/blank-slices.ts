import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Series much of which shows nothing. */
export const blankSlices = ofEachSeries(
  { kind: "blank-slices", group: "series", meaning: "Many slices are of one gray value: they show nothing." },
  ({ stack, slice_count }) =>
    stack && slice_count !== null && stack.blank / slice_count >= thresholds.blankShare
      ? {
          severity: "medium",
          value: Math.round((1000 * stack.blank) / slice_count) / 1000,
          threshold: thresholds.blankShare,
          detail: `${stack.blank} of ${slice_count} slices are of one gray value`,
        }
      : undefined,
);
