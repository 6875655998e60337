import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Slices that are strips, or very small. */
export const cutSize = ofEachSeries(
  {
    kind: "cut-size",
    group: "series",
    meaning: "Slices are strips or thumbnails, cut out of something larger: brought to a square they are out of shape.",
  },
  ({ slice_height: height, slice_width: width }) => {
    if (!height || !width) return undefined;
    const [short, long] = [Math.min(height, width), Math.max(height, width)];
    const size = `${width} × ${height} pixels`;
    const [least, most] = [thresholds.leastSide, thresholds.longestByShortest];
    if (short < least) return { severity: "medium", value: short, threshold: least, detail: size };
    const ratio = Math.round((100 * long) / short) / 100;
    return ratio >= most ? { severity: "low", value: ratio, threshold: most, detail: size } : undefined;
  },
);
