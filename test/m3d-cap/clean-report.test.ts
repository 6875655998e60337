import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../src/errors.ts";
import { type CleanReport, cleanReport, MAX_REPORT_BYTES } from "../../src/m3d-cap/clean-report.ts";
import { reportSections } from "../../src/m3d-cap/report-sections.ts";

/** What `str.isspace` of Python 3.11 is true for. */
const SPACES =
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/** The authors' rule, step by step on lists of characters. Undefined where the bytes are no UTF-8. */
function oracle(bytes: Uint8Array): Pick<CleanReport, "report" | "source"> | undefined {
  const raw = Buffer.from(bytes).toString("utf8");
  if (!Buffer.from(raw).equals(Buffer.from(bytes))) return undefined;
  const text = raw.split("\r\n").join("\n").split("\r").join("\n");
  const clean = (part: string) => {
    const signs = [...part].map((sign) => (sign === "\n" ? " " : sign));
    while (signs.length > 0 && SPACES.includes(signs[0]!)) signs.shift();
    while (signs.length > 0 && SPACES.includes(signs.at(-1)!)) signs.pop();
    return signs;
  };
  const enough = (signs: readonly string[]) => signs.filter((sign) => sign !== " ").length >= 5;
  for (const source of ["study_findings", "discussion"] as const) {
    const [, ...rest] = text.split(`${source}:`);
    const found = clean(rest.length === 0 ? text : rest.join(`${source}:`));
    if (enough(found)) return { report: found.join(""), source: rest.length === 0 ? "whole_text" : source };
  }
  return { report: clean(text).join(""), source: "whole_text" };
}

const words = fc.constantFrom(
  "study_findings:",
  "discussion:",
  "study_findings",
  "\r\n",
  "\r",
  "\n",
  " ",
  "abc",
  "five5",
  "\ufeff",
  "\x1c",
  "\x85",
  "😀",
  "\u200b",
  "\t",
);
const text = fc
  .array(fc.oneof(words, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 25 })
  .map((parts) => Buffer.from(parts.join("")));

test("any bytes are cleaned as the authors' rule has it, or are no UTF-8", () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 60 })), (bytes) => {
      const expected = oracle(bytes);
      if (expected === undefined)
        assert.throws(
          () => cleanReport(bytes),
          (error) => isFault(error, "report-not-utf8"),
        );
      else {
        const { report, source } = cleanReport(bytes);
        assert.deepEqual({ report, source }, expected);
      }
    }),
    { numRuns: 2000 },
  );
});

/** Texts of megabytes on which a careless pattern starts anew at every sign: it would take days. */
const heavy: Readonly<Record<string, string>> = {
  "spaces within": `x${" ".repeat(4_000_000)}x`,
  "line breaks within": `x${"\n".repeat(4_000_000)}x`,
  "separators in the patient's block": `patient:x${"\u2028".repeat(2_000_000)}y`,
  "spaces after line breaks": `x${"\n ".repeat(2_000_000)}x`,
  "carriage returns": "\r".repeat(4_000_000),
  "headings without end": "study_findings:".repeat(500_000),
  "blocks without end": "Title:a\n\n\n".repeat(500_000),
};
for (const [name, content] of Object.entries(heavy))
  test(`megabytes of ${name} are read in time that grows with them`, { timeout: 120_000 }, () => {
    const { raw } = cleanReport(Buffer.from(content));
    assert.equal(raw.length, content.length);
    reportSections(raw);
  });

test("a file of more than the limit is refused by it", () => {
  assert.throws(
    () => cleanReport(new Uint8Array(MAX_REPORT_BYTES + 1)),
    (error) => isFault(error, "limit-exceeded") && error.message.includes(`more than ${MAX_REPORT_BYTES}`),
  );
});
