import type { SeriesFacts } from "../facts.ts";
import { aboutGroup, type Detector } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { likeness } from "../measure/planes.ts";
import { thresholds } from "../thresholds.ts";

/** Series of one case and plane that run against each other. Which of them is right, no pixel tells. */
export const oppositeOrder: Detector = {
  kind: "opposite-order",
  group: "series",
  meaning: "Two series of a case and plane run in opposite directions: one of them is upside down for a model.",
  *find(all) {
    const seen = all.filter(({ stack, plane }) => stack?.hash && plane);
    for (const [, series] of grouped(seen, ({ caseKey, plane }) => `${caseKey} ${plane}`))
      for (const [at, one] of series.entries())
        for (const other of series.slice(0, at)) {
          const value = reversedBy(other, one);
          if (value === undefined) continue;
          const detail = `they fit better by ${value.toFixed(2)} when one is reversed`;
          yield { ...aboutGroup([other, one], { value, threshold: thresholds.oppositeBy, detail }), severity: "low" };
        }
  },
};

function reversedBy({ stack: one }: SeriesFacts, { stack: other }: SeriesFacts): number | undefined {
  const against = likeness(one!.planes, other!.planes, true);
  if (against < thresholds.oppositeLikeness) return undefined;
  const better = against - likeness(one!.planes, other!.planes, false);
  return better >= thresholds.oppositeBy ? Math.round(better * 1000) / 1000 : undefined;
}
