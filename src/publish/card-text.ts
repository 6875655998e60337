import type { AuditSummary } from "../model/audit-summary.ts";
import { columnTable } from "../model/columns.ts";
import type { Plan } from "../model/plan.ts";
import { columnsOf, layoutOf, typeIn } from "../shards/columns.ts";

export function columnDocs({ output }: Plan): string {
  const lines = columnsOf(output).map(
    (name) => `| \`${name}\` | ${typeIn(layoutOf(output), name)} | ${columnTable[name].meaning} |`,
  );
  return `| column | type | |\n|---|---|---|\n${lines.join("\n")}`;
}

/** What may be leaked from one split to another. */
export function splitNote({ certificate, ownLists }: Plan): string {
  if (ownLists)
    return `> **The split is not the official one**, but of lists of one's own (SHA-256 \`${ownLists}\`). Where series of one case are in
> several of them, split by \`case_id\` (within its \`collection\`).`;
  if (!certificate)
    return `> **The official split is by series, not by patient.** Series of one case can be in train and in test. Split by
> \`case_id\` (within its \`collection\`) where that matters.`;
  const { rule, tool, seed, keep, clusters, parted, moved, dropped, official, proposed, sha256 } = certificate;
  const sizes = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  return `> **The split is not the official one.** It was written by ${tool} (\`audit --write-split\`, seed ${seed}${keep === null ? "" : `, ${keep} kept`}): ${rule}.
> Of ${clusters} groups, the official lists part ${parted}; series moved: ${moved}, left out: ${dropped}.
> Official: ${sizes(official)}. Here: ${sizes(proposed)}. SHA-256 of the lists: \`${sha256}\`.`;
}

/** What an audit found in the shards, leaks first. */
export function auditNote({ tool, series, found }: AuditSummary, { output }: Plan): string {
  const lines = found.map(
    ({ kind, count, grave, meaning }) => `| ${kind} | ${count} | ${grave > 0 ? `**${grave}**` : "–"} | ${meaning} |\n`,
  );
  const leaks = found.filter(({ isLeak, grave }) => isLeak && grave > 0).reduce((sum, { grave }) => sum + grave, 0);
  const head =
    leaks > 0
      ? `**${leaks} leaks**: findings that one case, volume or report is in several splits.`
      : "No case, volume or report was found in more than one split.";
  const table =
    lines.length > 0 ? `\n| kind | found | grave | what it means |\n|---|---|---|---|\n${lines.join("")}` : "";
  const blind =
    output.volume === "m3d"
      ? " The volumes are resampled: the order of slices and what repeats in it was not looked at."
      : "";
  return `## Audit

${tool} looked at all ${series} series (\`voxshard audit\`). ${head}${blind}
${table}
`;
}

/** Whose data this is. Must stay on the card whatever else is changed. */
export const notices = `## Sources and rights

The images and reports of M3D-Cap were collected by its authors from [Radiopaedia](https://radiopaedia.org). They remain
the property of Radiopaedia and of the contributors of the cases, under
[Radiopaedia's licence](https://radiopaedia.org/licence), which does not allow every use or redistribution, whatever a data
set's card says. Ask Radiopaedia before you redistribute them or use them commercially. Not for diagnosis.

If you use this data set, cite the authors of M3D:

\`\`\`bibtex
@misc{bai2024m3d,
  title={M3D: Advancing 3D Medical Image Analysis with Multi-Modal Large Language Models},
  author={Fan Bai and Yuxin Du and Tiejun Huang and Max Q.-H. Meng and Bo Zhao},
  year={2024},
  eprint={2404.00578},
  archivePrefix={arXiv},
  primaryClass={cs.CV}
}
\`\`\`
`;
