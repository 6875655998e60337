import { detectors } from "../src/audit/detectors.ts";
import { groups } from "../src/audit/finding.ts";
import { thresholdTable } from "../src/audit/thresholds.ts";

const headings = { leaks: "Leaks", series: "Series", reports: "Reports" } as const;

/** How many copies of 36 real series and of 60 drawn ones are not taken for what they are, by what was done to them. */
const altered = [
  ["recompressed as JPEG of quality 75, or 30", "0", "0"],
  ["brighter by 25 gray levels", "0", "0"],
  ["of 0.7 the contrast", "0", "0"],
  ["of a gamma of 0.7", "11 of 36", "0"],
  ["half the size", "0", "0"],
  ["cropped by 2 % a side", "23 of 36", "45 of 60"],
  ["cropped by 5 % a side, or 10 %", "all", "all"],
  ["reversed", "0", "0"],
  ["without a slice in its middle", "0", "0"],
  ["without a tenth of its slices at one end", "all", "all"],
] as const;

/** docs/audit.md: what is found, by which thresholds, and what is missed. */
export function auditPage(): string {
  const kinds = groups.map((group) => {
    const rows = detectors
      .filter((one) => one.group === group)
      .map(({ kind, meaning }) => `| \`${kind}\` | ${meaning} |`);
    return `| **${headings[group]}** | |\n${rows.join("\n")}`;
  });
  const thresholds = Object.entries(thresholdTable).map(
    ([name, { value, why }]) => `| \`${name}\` | ${value} | ${why} |`,
  );
  return `# What an audit finds

Written by \`npm run schemas\` from \`src/audit\`; the figures are of \`dist/scripts/audit-measure.js FOLDER\` on 36 series of real CT
(native volumes) and on drawn ones.

\`voxshard audit DIR|SOURCE\` reads every row once, in bounded memory, and writes \`report.html\` (pictures and plots, opens from
disk, runs nothing), \`findings.jsonl\` and \`findings.parquet\` (kind, severity, ids, value, threshold, splits, detail).
\`--fail-on KIND[,KIND]\` ends with exit code 65 where one is found: any kind below, or \`leaks\`, \`series\`, \`reports\`.
\`--write-split FILE\` proposes lists in which nothing that belongs together is parted (\`--keep test\` leaves that list as it is).
What a resampled volume cannot tell (order, duplicates, blank slices, windows, text) and what gray cannot (colour) is said in the report:
audit the source, or shards with \`--volume native --slices\`.

| kind | |
|---|---|
${kinds.join("\n")}

A plane is not told from a series alone: its slices have no known distance or direction. A name is called wrong only where two series
of a case show the same under two of them.

## Copies and strangers

A series is known by 189 signs of low frequencies of its three middle planes and by the planes themselves, 12 × 12 each. Two series of
different cases are one volume where few signs differ, in this order of slices or in the reverse, and the planes correlate.

| a copy that was | missed, real | missed, drawn |
|---|---|---|
${altered.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}

Of 44,850 pairs of drawn strangers none is taken for one (the nearest have a likeness of 0.983; 0.99 is wanted); of 630 pairs of the
real series those alone that are of one scan in one window. A copy in another window has 0.97, and is missed.

## Thresholds

| threshold | value | what it is, and what was measured |
|---|---|---|
${thresholds.join("\n")}
`;
}
