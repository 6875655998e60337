import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Two stacks in one, slice by slice. */
export const interleaved = ofEachSeries(
  {
    kind: "interleaved",
    group: "series",
    meaning: "Every other slice belongs elsewhere: two stacks were filed into one. The volume is a comb.",
  },
  ({ stack }) =>
    stack && stack.interleaving >= thresholds.interleaving
      ? {
          severity: "medium",
          value: Math.round(stack.interleaving * 1000) / 1000,
          threshold: thresholds.interleaving,
          detail: `neighbours differ ${stack.interleaving.toFixed(2)} times as much as next-but-one slices`,
        }
      : undefined,
);
