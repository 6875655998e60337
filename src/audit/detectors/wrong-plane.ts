import type { SeriesFacts } from "../facts.ts";
import { aboutGroup, type Detector } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { likeness } from "../measure/planes.ts";
import { thresholds } from "../thresholds.ts";

/**
 * One view under the names of two planes. A plane cannot be told from a series alone, whose slices have no known distance
 * or direction; two series of a case that show the same cannot both be what their names say.
 */
export const wrongPlane: Detector = {
  kind: "wrong-plane",
  group: "series",
  meaning: "Two series of a case are named for different planes and show the same one: a name is wrong.",
  *find(all) {
    const seen = all.filter(({ stack, plane }) => stack?.hash && plane);
    for (const [, series] of grouped(seen, ({ caseKey }) => caseKey))
      for (const [at, one] of series.entries())
        for (const other of series.slice(0, at)) {
          const value = one.plane === other.plane ? 0 : alike(other, one);
          if (value < thresholds.planeLikeness) continue;
          const detail = `named ${other.plane} and ${one.plane}, and alike`;
          yield {
            ...aboutGroup([other, one], { value, threshold: thresholds.planeLikeness, detail }),
            severity: "medium",
          };
        }
  },
};

function alike({ stack: one }: SeriesFacts, { stack: other }: SeriesFacts): number {
  const ways = [false, true].map((reversed) => likeness(one!.planes, other!.planes, reversed));
  return Math.round(Math.max(...ways) * 1e4) / 1e4;
}
