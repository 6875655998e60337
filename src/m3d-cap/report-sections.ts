import type { Sections } from "../model/row.ts";

/** A heading stands at the start of a block. */
const HEADING = /^(Title|presentation|patient|discussion|study_findings):/;

/**
 * A case's text.txt by its headings. What stands under one ends at the next block with a heading; the first of two equal
 * headings counts. Age and gender are lines of the patient's block. Null where absent or empty.
 */
export function reportSections(raw: string): Sections {
  const found = new Map<string, string[]>();
  let under: string[] = [];
  for (const block of blocksOf(raw.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"))) {
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

/** Kept apart by three line breaks or more. Line by line: a pattern for it runs out of stack on a million of them. */
function blocksOf(text: string): readonly string[] {
  const [first = "", ...lines] = text.split("\n");
  const blocks: string[][] = [[first]];
  let blanks: string[] = [];
  for (const line of [...lines, undefined]) {
    if (line?.trim() === "") blanks.push(line);
    else if (blanks.length > (line === undefined ? 2 : 1)) {
      blocks.push([line?.trimStart() ?? ""]);
      blanks = [];
    } else if (line !== undefined) {
      blocks.at(-1)!.push(...blanks, line);
      blanks = [];
    }
  }
  blocks.at(-1)!.push(...blanks);
  return blocks.map((block) => block.join("\n"));
}

/** What stands on the first line that starts so. */
function lineAfter(word: string, text: string): string | null {
  const line = text.split("\n").find((one) => one.trimStart().startsWith(word));
  return textOrNull(line?.trimStart().slice(word.length));
}

function textOrNull(text: string | undefined): string | null {
  return text?.trim() || null;
}
