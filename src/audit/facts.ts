import type { Row } from "../model/row.ts";
import type { Spooled } from "./spool.ts";

/** What is kept of a series' pixels: some 600 bytes, whatever its size. */
export interface StackFacts {
  /** The series' own slices, in order; a resampled or drawn stack tells nothing of order and duplicates. */
  readonly isWhole: boolean;
  /** Signs of 63 low frequencies of each of three middle planes, as six 32-bit words; null where they show nothing. */
  readonly hash: readonly number[] | null;
  /** The three middle planes, 12 × 12 each. */
  readonly planes: Uint8Array;
  /** Mean difference of neighbours by that of next-but-one slices: above 1, every other slice belongs elsewhere. */
  readonly interleaving: number;
  /** Places at which the next slice does not go on and a far one does. */
  readonly breaks: number;
  /** Slices that are the same as an earlier one, byte by byte. */
  readonly duplicates: number;
  /** Slices of one gray value. */
  readonly blank: number;
  /** Places at which the same anatomy goes on in another brightness or contrast. */
  readonly windowJumps: number;
  /** Lines of pixels, one below the other, whose edges stay in place from slice to slice. */
  readonly burntInLines: number;
}

/** What is kept of a report; cases with the same words share it. */
export interface ReportFacts {
  readonly key: string;
  readonly words: number;
  /** Share of words that every English text has: the, of, no, is, … */
  readonly english: number;
  /** Sorted hashes of three words in a row. */
  readonly shingles: Uint32Array;
  /** Of the report as it was first met. */
  readonly text: Spooled;
}

export interface Hit {
  readonly what: string;
  /** What was found, with all but first letters hidden. */
  readonly masked: string;
}

type Kept =
  | "id"
  | "image"
  | "collection"
  | "split"
  | "subsets"
  | "plane"
  | "phase"
  | "report_source"
  | "slice_count"
  | "slice_height"
  | "slice_width"
  | "slices_dropped"
  | "pixels_sha256";

/** What is kept of a row once it has gone by. */
export interface SeriesFacts extends Readonly<Pick<Row, Kept>> {
  /** Collection and case: what an id means within its collection alone. */
  readonly caseKey: string;
  readonly lowest: number;
  readonly highest: number;
  readonly stack: StackFacts | null;
  /** Share of coloured pixels in the slice that has most of a few; null where there are no encoded slices to tell. */
  readonly colour: number | null;
  readonly report: ReportFacts | null;
  readonly reportLength: number;
  readonly personal: readonly Hit[];
  /** Headings of text.txt that the cleaned report still has. */
  readonly headings: readonly string[];
  readonly picture: Spooled | null;
}
