import type { Sections } from "../model/row.ts";

/** A heading stands at the start of a block; blocks are kept apart by three line breaks or more. */
const HEADING = /^(Title|presentation|patient|discussion|study_findings):/;
const BLOCKS = /\n[^\S\n]*(?:\n[^\S\n]*){2,}/;

/**
 * A case's text.txt by its headings. What stands under one ends at the next block with a heading; the first of two equal
 * headings counts. Age and gender are lines of the patient's block. Null where absent or empty.
 */
export function reportSections(raw: string): Sections {
  const found = new Map<string, string[]>();
  let under: string[] = [];
  for (const block of raw
    .replace(/^\ufeff/, "")
    .replace(/\r\n?/g, "\n")
    .split(BLOCKS)) {
    const heading = HEADING.exec(block.trimStart());
    if (!heading) {
      under.push(block);
      continue;
    }
    under = [block.trimStart().slice(heading[0].length)];
    if (!found.has(heading[1]!)) found.set(heading[1]!, under);
  }
  const section = (name: string) => textOrNull(found.get(name)?.join("\n\n\n"));
  const patient = section("patient") ?? "";
  return {
    title: section("Title"),
    presentation: section("presentation"),
    age: lineAfter("Age:", patient),
    gender: lineAfter("Gender:", patient),
    discussion: section("discussion"),
    study_findings: section("study_findings"),
  };
}

/** What stands on the first line that starts so. */
function lineAfter(word: string, text: string): string | null {
  const line = text.split("\n").find((one) => one.trimStart().startsWith(word));
  return textOrNull(line?.trimStart().slice(word.length));
}

function textOrNull(text: string | undefined): string | null {
  return text?.trim() || null;
}
