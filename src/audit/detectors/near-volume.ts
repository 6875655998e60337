import type { SeriesFacts } from "../facts.ts";
import { aboutGroup, type Detector } from "../finding.ts";
import { BANDS, bandOf, distance, reversedHash } from "../measure/perceptual-hash.ts";
import { likeness } from "../measure/planes.ts";
import { thresholds } from "../thresholds.ts";
import { type Link, linkedGroups } from "../union-find.ts";

/** Series of different cases that show the same: compressed anew, brighter, in reverse order, without a slice. */
export const nearVolume: Detector = {
  kind: "near-volume",
  group: "leaks",
  meaning: "Series of different cases show the same volume, though not pixel by pixel.",
  *find(all) {
    const hashed = all.filter(({ stack }) => stack?.hash);
    for (const { members, least } of linkedGroups(hashed, links(hashed))) {
      const cases = new Set(members.map(({ caseKey }) => caseKey)).size;
      const detail =
        members.length === 2
          ? members.map(({ id }) => id).join(" = ")
          : `${members.length} series of ${cases} cases show the same volume`;
      yield aboutGroup(members, { value: rounded(least), threshold: thresholds.volumeLikeness, detail });
    }
  },
};

const rounded = (value: number) => Math.round(value * 1e4) / 1e4;

/** Each series against those before it that share a band with it, or with it reversed. */
function* links(series: readonly SeriesFacts[]): Generator<Link> {
  const hashes = series.map(({ stack }) => stack!.hash!);
  const tables = Array.from({ length: BANDS }, () => new Map<number, number[]>());
  for (const [at, hash] of hashes.entries()) {
    const near = new Set<number>();
    // Far more share a band than are near: of those, nothing is kept.
    for (const way of [hash, reversedHash(hash)])
      for (const [band, table] of tables.entries())
        for (const other of table.get(bandOf(way, band)) ?? [])
          if (distance(hashes[other]!, way) <= thresholds.hashBits) near.add(other);
    for (const other of near) {
      const found = copyLikeness(series[other]!, series[at]!);
      if (found !== undefined) yield { one: other, other: at, likeness: found };
    }
    for (const [band, table] of tables.entries()) {
      const key = bandOf(hash, band);
      const before = table.get(key);
      if (before) before.push(at);
      else table.set(key, [at]);
    }
  }
}

function copyLikeness(one: SeriesFacts, other: SeriesFacts): number | undefined {
  // The same pixels are another detector's; series of one case look alike in every phase.
  if (one.caseKey === other.caseKey) return undefined;
  if (one.pixels_sha256 !== null && one.pixels_sha256 === other.pixels_sha256) return undefined;
  const [a, b] = [one.stack!.planes, other.stack!.planes];
  const value = Math.max(likeness(a, b, false), likeness(a, b, true));
  return value >= thresholds.volumeLikeness ? value : undefined;
}
