interface Threshold {
  readonly value: number;
  /** What it means, and what was measured: on the 36 series and 12 reports of m3d-mini, and on drawn stacks. */
  readonly why: string;
}

/** Every number that decides whether something is found. `scripts/audit-measure.ts` measures what they rest on. */
const table = {
  hashBits: {
    value: 28,
    why: "bits of 189 in which two hashes may differ; copies differ in 23 at most (recompressed, brighter, halved, reversed, a slice dropped), in 30 with 2 % cropped; of 44,850 pairs of drawn strangers the nearest in 19",
  },
  volumeLikeness: {
    value: 0.99,
    why: "mean correlation of three planes; such copies have 0.995 and more: none of 96 was missed; 11 of 96 are with a gamma of 0.7, 68 when 2 % a side are cropped, all when 5 % are or a tenth of the slices at one end; strangers have 0.983 at most, the same body in another window 0.97",
  },
  reportJaccard: { value: 0.8, why: "shared of all three-word phrases; one word changed in 60 leaves 0.9" },
  fewestLinkingWords: {
    value: 20,
    why: "shorter reports are stock phrases that strangers share; those of m3d-mini have 20 words and more",
  },
  mostCasesOfReport: {
    value: 10,
    why: "a report that more cases have is a stock text and says nothing of their kinship",
  },
  interleaving: {
    value: 1.1,
    why: "differences of neighbours by those of next-but-one slices: 0.56 to 0.79 in m3d-mini, 1 for noise, 1.9 and more for two stacks in one (m3d-mini's halves combed: 2.3 and more)",
  },
  orderBreaks: {
    value: 2,
    why: "places where the stack jumps and goes on elsewhere; m3d-mini has none, sorted as text 33 of its 36 series have 3 to 17",
  },
  oppositeBy: { value: 0.2, why: "how much better a case's series of one plane fits another with its slices reversed" },
  oppositeLikeness: { value: 0.9, why: "and how well it must fit then; series of one body have 0.93 and more" },
  duplicateSlices: {
    value: 1,
    why: "slices that repeat another byte by byte; scanners' noise never does; m3d-mini has none",
  },
  blankShare: { value: 0.3, why: "share of slices of one gray value; m3d-mini has 0.13 at most, outside the head" },
  narrowRange: { value: 16, why: "gray levels between darkest and brightest; m3d-mini has 210 and more" },
  fewestSlices: {
    value: 8,
    why: "fewer make 32 planes by interpolation alone; the smallest real series seen have 12 and 13",
  },
  droppedSlices: { value: 1, why: "slices of another size than most, or damaged: the volume has a gap there" },
  windowJumps: { value: 1, why: "sudden changes of brightness or contrast over the same shapes; m3d-mini has none" },
  planeLikeness: {
    value: 0.97,
    why: "likeness of two series of a case that are named for different planes; of 311 pairs of different planes in m3d-mini the nearest has 0.74; copies have 0.995 and more",
  },
  leastSide: {
    value: 64,
    why: "pixels of a slice's shorter side: less is blown up fourfold; m3d-mini has 113 and more",
  },
  longestByShortest: {
    value: 3,
    why: "of a slice's sides; m3d-mini has 1.6 at most, but for one oblique re-slice of 384 × 113 pixels",
  },
  colourShare: {
    value: 0.01,
    why: "coloured pixels of a slice; m3d-mini's rendering has 0.83, its gray slices that are stored as RGB or by a palette none",
  },
  burntInLines: {
    value: 5,
    why: "lines of pixels, one below the other, each with 16 edges or more that stay in place: a dozen letters of 9 pixels have 6, shorter words are missed; m3d-mini has none, as its scanners' tables have 15 such edges at most",
  },
  fewestWords: { value: 8, why: "fewer say next to nothing to learn from; the shortest of m3d-mini has 20" },
  commonCases: { value: 0.05, why: "share of cases that makes a phrase a common one, and never fewer than 10 cases" },
  boilerplateShare: { value: 0.9, why: "share of a report's phrases that are common ones" },
  english: {
    value: 0.1,
    why: "share of the, of, no, is, …: 0.22 to 0.39 in m3d-mini, 0 to 0.06 in German, French, Spanish and Chinese ones",
  },
  personalHits: { value: 1, why: "a single one is one too many; every one is shown masked" },
} as const satisfies Record<string, Threshold>;

export type ThresholdName = keyof typeof table;
export const thresholdTable: Readonly<Record<ThresholdName, Threshold>> = table;
export const thresholds = Object.fromEntries(
  Object.entries(table).map(([name, { value }]) => [name, value]),
) as Readonly<Record<ThresholdName, number>>;
