import { ofEachCase } from "../finding.ts";
import { thresholds } from "../thresholds.ts";

/** What looks like a person's data; never shown as it is. */
export const personalData = ofEachCase(
  {
    kind: "personal-data",
    meaning:
      "The text holds what looks like a date, name, hospital, address or number of a person (masked here). Read it before you publish it.",
  },
  ({ personal }) =>
    personal.length >= thresholds.personalHits
      ? {
          severity: "high",
          value: personal.length,
          threshold: thresholds.personalHits,
          detail: personal.map(({ what, masked }) => `${what} ${masked}`).join("; "),
        }
      : undefined,
);
