import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reportSections } from "../../src/m3d-cap/report-sections.ts";

const none = {
  title: null,
  presentation: null,
  age: null,
  gender: null,
  discussion: null,
  study_findings: null,
};

test("the layout of text.txt is taken apart by its headings", () => {
  const text =
    "Title:Quiz 175316\n\n\npresentation:Pain \n\n\npatient:Age:60 years\nGender:Female\n\n\ndiscussion:\nA.\n\n\n\nstudy_findings:\nB.\n\nImpression:\nC.\n";
  assert.deepEqual(reportSections(text), {
    title: "Quiz 175316",
    presentation: "Pain",
    age: "60 years",
    gender: "Female",
    discussion: "A.",
    study_findings: "B.\n\nImpression:\nC.",
  });
});

test("what is absent or empty is null", () => {
  assert.deepEqual(reportSections(""), none);
  assert.deepEqual(reportSections("no heading at all"), none);
  assert.deepEqual(reportSections("Title:x\n\n\npatient:Gender:Male\n\n\nstudy_findings:\n\n"), {
    ...none,
    title: "x",
    gender: "Male",
  });
});

test("a block without a heading belongs to the section before it; Windows' line ends are the same", () => {
  const text = "study_findings:\r\nA.\r\n\r\n\r\nCT brain:\r\nB.\r\n\r\n\r\ndiscussion:\r\nC.";
  assert.deepEqual(reportSections(text), { ...none, study_findings: "A.\n\n\nCT brain:\nB.", discussion: "C." });
});

test("no text makes it fail or hang", () => {
  const part = fc.constantFrom(
    "\n",
    "\n\n\n",
    " ",
    "Title:",
    "patient:",
    "Age:",
    "study_findings:",
    "x",
    "\u00a0",
    "\r",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      for (const value of Object.values(reportSections(parts.join(""))))
        assert.ok(value === null || (value.length > 0 && value === value.trim()));
    }),
  );
  const started = process.cpuUsage();
  reportSections("\n ".repeat(2_000_000));
  assert.ok(process.cpuUsage(started).user < 5e6, "time grows with the text, not with its square");
});
