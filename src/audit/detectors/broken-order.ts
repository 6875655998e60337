import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Slices out of order, as when their numbers were sorted as text. */
export const brokenOrder = ofEachSeries(
  {
    kind: "broken-order",
    group: "series",
    meaning:
      "The stack jumps and goes on elsewhere: its slices are not in order, or it is several stacks one after another.",
  },
  ({ stack }) =>
    // Of an interleaved stack every step is a jump, and that has a name of its own.
    stack && stack.breaks >= thresholds.orderBreaks && stack.interleaving < thresholds.interleaving
      ? {
          severity: "medium",
          value: stack.breaks,
          threshold: thresholds.orderBreaks,
          detail: `at ${stack.breaks} places a far slice goes on better than the next one`,
        }
      : undefined,
);
