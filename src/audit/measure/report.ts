import { createHash } from "node:crypto";

/** Words in a row that make a shingle: fewer are in every report, more break at every change. */
const SHINGLE_WORDS = 3;
/** The longest real report has some 2,000 words; of what is longer, the least hashes stand for all. */
const MAX_SHINGLES = 8192;
/** In no special order of any report's language but English, where they make up a fifth of all words and more. */
const ENGLISH = new Set(
  "the of no is are and with in to a an at on for there was were this that be not or which within without from by as has seen normal left right".split(
    " ",
  ),
);

export interface ReportMeasures {
  /** The same for reports of the same words, whatever stands between them. */
  readonly key: string;
  readonly words: number;
  readonly english: number;
  readonly shingles: Uint32Array;
}

export function measureReport(text: string): ReportMeasures {
  const words = wordsOf(text);
  const english = words.filter((word) => ENGLISH.has(word)).length / Math.max(1, words.length);
  const key = createHash("sha256").update(words.join(" ")).digest("base64").slice(0, 24);
  return { key, words: words.length, english, shingles: shinglesOf(words) };
}

/** Most reports have no letter outside ASCII, and that of all letters is a costly pattern. */
const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[^\s -~]/.test(text) ? /[\p{L}\p{N}]+/gu : /[a-z0-9]+/g) ?? [];

/** Hashes of each three words in a row, sorted, each once. */
function shinglesOf(words: readonly string[]): Uint32Array {
  const found = new Set<number>();
  for (let at = 0; at + SHINGLE_WORDS <= words.length; at++) {
    let hash = 0x811c9dc5;
    for (let word = at; word < at + SHINGLE_WORDS; word++)
      for (let sign = 0; sign <= words[word]!.length; sign++)
        hash = Math.imul(hash ^ (sign < words[word]!.length ? words[word]!.charCodeAt(sign) : 32), 0x01000193);
    found.add(mixed(hash));
  }
  return Uint32Array.from(found).sort().slice(0, MAX_SHINGLES);
}

/** Spreads what differs in a few bits over all of them (the end of MurmurHash3). */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Shared shingles by all: 1 for the same, 0 for nothing in common. */
export function jaccard(one: Uint32Array, other: Uint32Array): number {
  let [a, b, shared] = [0, 0, 0];
  while (a < one.length && b < other.length) {
    if (one[a] === other[b]) shared += 1;
    if (one[a]! <= other[b]!) {
      if (one[a] === other[b]) b += 1;
      a += 1;
    } else b += 1;
  }
  const all = one.length + other.length - shared;
  return all === 0 ? 0 : shared / all;
}

/** Bands of rows of a MinHash signature: at a likeness of 0.8, 1 pair in 6,000 has no band in common; at 0.3, 7 of 8. */
const [BANDS, ROWS] = [16, 4];

/** One number a band: reports that share one of them may be alike, and are held against each other. */
export function minHashBands(shingles: Uint32Array): Uint32Array {
  const bands = new Uint32Array(BANDS);
  for (let band = 0; band < BANDS; band++) {
    let hash = band + 1;
    for (let row = 0; row < ROWS; row++) {
      const salt = mixed(band * ROWS + row + 1);
      let least = 0xffffffff;
      for (const shingle of shingles) least = Math.min(least, mixed(shingle ^ salt));
      hash = mixed(Math.imul(hash, 31) ^ least);
    }
    bands[band] = hash;
  }
  return bands;
}
