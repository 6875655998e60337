import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Series that are hardly volumes. */
export const fewSlices = ofEachSeries(
  {
    kind: "few-slices",
    group: "series",
    meaning: "A handful of pictures rather than a volume: depth is made up by interpolation.",
  },
  ({ slice_count }) =>
    slice_count !== null && slice_count < thresholds.fewestSlices
      ? { severity: "medium", value: slice_count, threshold: thresholds.fewestSlices, detail: `${slice_count} slices` }
      : undefined,
);
