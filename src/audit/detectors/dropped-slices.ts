import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Series of which slices were left out. */
export const droppedSlices = ofEachSeries(
  {
    kind: "dropped-slices",
    group: "series",
    meaning: "Slices are damaged or of another size than most, and are not in the volume.",
  },
  ({ slices_dropped, slice_count }) =>
    slices_dropped !== null && slice_count !== null && slices_dropped >= thresholds.droppedSlices
      ? {
          severity: slices_dropped * 4 > slice_count ? "medium" : "low",
          value: slices_dropped,
          threshold: thresholds.droppedSlices,
          detail: `${slices_dropped} dropped, ${slice_count} kept`,
        }
      : undefined,
);
