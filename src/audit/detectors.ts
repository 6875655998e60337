import { blankSlices } from "./detectors/blank-slices.ts";
import { boilerplate } from "./detectors/boilerplate.ts";
import { brokenOrder } from "./detectors/broken-order.ts";
import { burntInText } from "./detectors/burnt-in-text.ts";
import { caseInBothCollections } from "./detectors/case-in-both-collections.ts";
import { caseInSplits } from "./detectors/case-in-splits.ts";
import { colourSlices } from "./detectors/colour-slices.ts";
import { cutSize } from "./detectors/cut-size.ts";
import { droppedSlices } from "./detectors/dropped-slices.ts";
import { duplicateSlices } from "./detectors/duplicate-slices.ts";
import { fallbackReport } from "./detectors/fallback-report.ts";
import { fewSlices } from "./detectors/few-slices.ts";
import { interleaved } from "./detectors/interleaved.ts";
import { mixedWindows } from "./detectors/mixed-windows.ts";
import { narrowRange } from "./detectors/narrow-range.ts";
import { nearReport } from "./detectors/near-report.ts";
import { nearVolume } from "./detectors/near-volume.ts";
import { noReport } from "./detectors/no-report.ts";
import { notEnglish } from "./detectors/not-english.ts";
import { oppositeOrder } from "./detectors/opposite-order.ts";
import { personalData } from "./detectors/personal-data.ts";
import { samePixels } from "./detectors/same-pixels.ts";
import { sameReport } from "./detectors/same-report.ts";
import { shortReport } from "./detectors/short-report.ts";
import { wrongPlane } from "./detectors/wrong-plane.ts";
import type { SeriesFacts } from "./facts.ts";
import type { Detector, Finding } from "./finding.ts";

/** Every detector, in the order in which they run and are reported. */
export const detectors: readonly Detector[] = [
  caseInSplits,
  samePixels,
  nearVolume,
  sameReport,
  nearReport,
  caseInBothCollections,
  interleaved,
  brokenOrder,
  oppositeOrder,
  wrongPlane,
  mixedWindows,
  duplicateSlices,
  blankSlices,
  narrowRange,
  fewSlices,
  cutSize,
  droppedSlices,
  colourSlices,
  burntInText,
  personalData,
  noReport,
  shortReport,
  fallbackReport,
  boilerplate,
  notEnglish,
];

/** What all of them find, kind after kind; within a kind by what weighs most, then by id. */
export function findAll(series: readonly SeriesFacts[], list = detectors): Finding[] {
  const rank = { high: 0, medium: 1, low: 2 };
  const found: Finding[] = [];
  for (const detector of list) {
    const own = [...detector.find(series, found)].map((finding) => ({ kind: detector.kind, ...finding }));
    own.sort((a, b) => rank[a.severity] - rank[b.severity] || (a.ids.join("\n") < b.ids.join("\n") ? -1 : 1));
    found.push(...own);
  }
  return found;
}

const leaks = new Set(detectors.filter(({ group }) => group === "leaks").map(({ kind }) => kind));
/** Whether its series belong together: one patient, one volume or one report, as far as can be told. */
export const isLeak = ({ kind }: Finding) => leaks.has(kind);
