import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Screenshots and renderings among the scans. */
export const colourSlices = ofEachSeries(
  {
    kind: "colour-slices",
    group: "series",
    meaning:
      "Slices are in colour: a screenshot, a rendering or a map of values, of which gray keeps the brightness alone.",
  },
  ({ colour }) =>
    colour !== null && colour >= thresholds.colourShare
      ? {
          severity: "medium",
          value: Math.round(colour * 1000) / 1000,
          threshold: thresholds.colourShare,
          detail: `${Math.round(colour * 100)} % of a slice's pixels are coloured`,
        }
      : undefined,
);
