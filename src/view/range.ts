import type { ByteRange } from "../model/byte-range.ts";

/** What one answer has at most: the largest row, a volume of 256 M float32 voxels, and what a Parquet page adds. */
const MAX_ANSWER_BYTES = 1_100_000_000;

/** The range that a header asks for, within the file; "unsatisfiable" for any other than one range of it. */
export function requestedRange(
  header: string | undefined,
  byteLength: number,
): ByteRange | "unsatisfiable" | undefined {
  if (header === undefined) return undefined;
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header) ?? [];
  if (first === undefined || last === undefined || first + last === "") return "unsatisfiable";
  const start = first === "" ? Math.max(0, byteLength - Number(last)) : Number(first);
  const end = first === "" || last === "" ? byteLength : Math.min(byteLength, Number(last) + 1);
  return start < end && end - start <= MAX_ANSWER_BYTES ? { start, end } : "unsatisfiable";
}
