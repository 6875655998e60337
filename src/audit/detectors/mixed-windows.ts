import { ofEachSeries } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** Series whose brightness or contrast changes on the way. */
export const mixedWindows = ofEachSeries(
  {
    kind: "mixed-windows",
    group: "series",
    meaning: "The same anatomy goes on in another window: a tissue has one gray value here and another there.",
  },
  ({ stack }) =>
    stack && stack.windowJumps >= thresholds.windowJumps
      ? {
          severity: "medium",
          value: stack.windowJumps,
          threshold: thresholds.windowJumps,
          detail: `brightness or contrast changes at once at ${stack.windowJumps} place${stack.windowJumps === 1 ? "" : "s"}`,
        }
      : undefined,
);
