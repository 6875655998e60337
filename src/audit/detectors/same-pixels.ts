import { aboutGroup, type Detector } from "../finding.ts";
import { grouped } from "../grouped.ts";

/** Series of the very same pixels, whatever they are called. */
export const samePixels: Detector = {
  kind: "same-pixels",
  group: "leaks",
  meaning: "Several series are the same, pixel by pixel.",
  *find(all) {
    for (const [, series] of grouped(all, ({ pixels_sha256 }) => pixels_sha256 ?? undefined))
      if (series.length > 1)
        yield aboutGroup(series, { value: 1, threshold: 1, detail: `${series.length} series have the same pixels` });
  },
};
