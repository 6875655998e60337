import { EtlError } from "../errors.ts";

/** The longest real report has some 10 kB; a file beyond this is no report. */
export const MAX_REPORT_BYTES = 16 << 20;
/** Findings with fewer characters than this, spaces not counted, are taken for none. */
const FEWEST_CHARACTERS = 5;
/** What Python's str.strip() takes off; JavaScript's trim() knows another set. */
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export interface CleanReport {
  readonly report: string;
  readonly source: "study_findings" | "discussion" | "whole_text";
  /** The text as it stands in the file. */
  readonly raw: string;
}

/** A report that was clean in its file: where it was found in which text, nothing tells. */
export interface FinishedReport {
  readonly report: string;
  readonly source: null;
  readonly raw: null;
}

/** The report as the authors' script cleans it. Throws "report-not-utf8" or "limit-exceeded". */
export function cleanReport(bytes: Uint8Array): CleanReport {
  if (bytes.byteLength > MAX_REPORT_BYTES)
    throw new EtlError("limit-exceeded", `the report has ${bytes.byteLength} bytes, more than ${MAX_REPORT_BYTES}`);
  const raw = decode(bytes);
  const text = raw.replace(/\r\n?/g, "\n");
  const wanted = ["study_findings", "discussion"] as const;
  for (const source of wanted) {
    const after = afterHeading(text, `${source}:`);
    const report = oneLine(after ?? text);
    if (isEnough(report)) return { report, source: after === undefined ? "whole_text" : source, raw };
  }
  return { report: oneLine(text), source: "whole_text", raw };
}

/**
 * The report beside a finished array. The authors' script leaves it clean, on one line, and cleaning it again could cut it;
 * a text with lines is a case's own.
 */
export function finishedReport(bytes: Uint8Array): CleanReport | FinishedReport {
  const clean = cleanReport(bytes);
  const text = stripped(clean.raw);
  return /[\r\n]/.test(text) ? clean : { report: text, source: null, raw: null };
}

/** Strict, and with the byte order mark kept, as Python's utf-8 codec does. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new EtlError("report-not-utf8", "text.txt is not valid UTF-8", error);
  }
}

/** From behind the first such heading to the end of the file: later headings stay in the text. */
function afterHeading(text: string, heading: string): string | undefined {
  const at = text.indexOf(heading);
  return at < 0 ? undefined : text.slice(at + heading.length);
}

const oneLine = (text: string) => stripped(text.replaceAll("\n", " "));

/** From both ends inwards: a pattern that ends at the end of the text starts anew at every space, and takes hours for megabytes. */
function stripped(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.test(text[start]!)) start += 1;
  while (end > start && SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

const isEnough = (text: string) =>
  [...text.replaceAll(" ", "").slice(0, 2 * FEWEST_CHARACTERS)].length >= FEWEST_CHARACTERS;
