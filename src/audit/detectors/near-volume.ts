import type { SeriesFacts } from "../facts.ts";
import { aboutGroup, type Detector } from "../finding.ts";
import { distance, reversedHash } from "../measure/perceptual-hash.ts";
import { likeness } from "../measure/planes.ts";
import { thresholds } from "../thresholds.ts";
import { type Link, linkedGroups } from "../union-find.ts";

/** A 64-bit plane has four bands of 16; of two hashes that differ in few bits, most bands are the same. */
const BANDS = 12;

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
  const tables = Array.from({ length: BANDS }, () => new Map<number, number[]>());
  for (const [at, { stack }] of series.entries()) {
    const ways = [stack!.hash!, reversedHash(stack!.hash!)];
    const candidates = new Set(
      ways.flatMap((hash) => tables.flatMap((table, band) => table.get(bandOf(hash, band)) ?? [])),
    );
    for (const other of candidates) {
      const found = alike(series[other]!, series[at]!, ways);
      if (found !== undefined) yield { one: other, other: at, likeness: found };
    }
    for (const [band, table] of tables.entries()) {
      const key = bandOf(stack!.hash!, band);
      const before = table.get(key);
      if (before) before.push(at);
      else table.set(key, [at]);
    }
  }
}

/** Every second bit of a word, so that a band has of every frequency. */
const bandOf = (hash: readonly number[], band: number) => (hash[band >> 1]! >>> (band & 1)) & 0x55555555;

function alike(one: SeriesFacts, other: SeriesFacts, ways: readonly (readonly number[])[]): number | undefined {
  // The same pixels are another detector's; series of one case look alike in every phase.
  if (one.caseKey === other.caseKey || one.pixels_sha256 === other.pixels_sha256) return undefined;
  for (const [way, hash] of ways.entries()) {
    if (distance(one.stack!.hash!, hash) > thresholds.hashBits) continue;
    const value = likeness(one.stack!.planes, other.stack!.planes, way === 1);
    if (value >= thresholds.volumeLikeness) return value;
  }
  return undefined;
}
