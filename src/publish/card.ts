import { stringify } from "yaml";
import { parseCard } from "../hub/card.ts";
import type { Plan } from "../model/plan.ts";
import { type CardFacts, cardFront, title } from "./card-front.ts";
import { loading } from "./card-loading.ts";
import { auditNote, columnDocs, notices, splitNote } from "./card-text.ts";
import { commandLine, originOf } from "./command-line.ts";

/** Of the user's own card, these give way: they must be what was published, or nobody could load it. */
const GENERATED = ["dataset_info", "configs"] as const;

/**
 * The data set's README: YAML that the Hub reads, and a text that people do. Equal facts give the same bytes.
 * `own` is a card of the user's: its text and its YAML stand, with the generated `dataset_info` and `configs`.
 */
export function dataSetCard(facts: CardFacts, repository: string, own?: string): string {
  const front = cardFront(facts);
  if (own === undefined) return `---\n${stringify(front)}---\n${text(facts, repository)}`;
  const card = parseCard(own);
  const generated = Object.fromEntries(GENERATED.map((key) => [key, front[key]]));
  const tags = [...new Set([...[card.front["tags"] ?? []].flat(), "voxshard"])];
  return `---\n${stringify({ ...front, ...card.front, tags, ...generated })}---\n${card.text}`;
}

function text(facts: CardFacts, repository: string): string {
  const { plan, receipts } = facts;
  const rows = facts.shards.reduce((sum, shard) => sum + shard.rows, 0);
  const rejects = [...plan.rejects, ...receipts.flatMap((receipt) => receipt.rejects)];
  const source = originOf(plan);
  return `# ${title(plan)} as columnar shards

3D CT series with their radiology reports from M3D-Cap, one row a series: ${rows} rows in ${plan.shards.length} ${plan.output.format === "parquet" ? "Parquet" : "Arrow"} files.

${splitNote(plan)}

## How it was made

By ${plan.tool} from ${source}, with

\`\`\`sh
${commandLine(plan)}
\`\`\`

${repeatText(plan)} ${volumeText(plan)}

## Counts

${countTable(facts)}

${
  rejects.length === 0
    ? "Every series of the selection is a row."
    : `${rejects.length} of the selection ${rejects.length === 1 ? "is no row" : "are no rows"}; \`rejects.jsonl\` has a line for each:\n\n| reason | series |\n|---|---|\n${tally(rejects.map(({ reason }) => reason))}`
}

${facts.audit ? auditNote(facts.audit, plan) : ""}## Columns

${columnDocs(plan)}

\`index.parquet\` (config \`index\`) has one light row a series, and says which row of which shard holds it.

${loading(plan, repository)}
${notices}`;
}

/** What comes of the same command. */
function repeatText({ shards }: Plan): string {
  const kept = shards.filter(({ revision }) => revision !== undefined).length;
  if (kept === 0) return "The same command gives the same bytes.";
  return `The same command gives the same rows; ${kept} of the files were kept from earlier revisions, which their rows name in \`source_revision\`.`;
}

function volumeText({ output }: Plan): string {
  if (output.volume === "none") return "There are no volumes in it, only what the source has.";
  if (output.volume === "native") return "`volume` is the stack of slices as 8-bit grey, uncropped, at its own size.";
  const scale = {
    float32: "bit for bit, values 0 to 1",
    float16: "in half precision",
    uint8: "as round(255 x)",
  }[output.dtype];
  return `\`volume\` is what the authors' preprocessing (M3D_Cap_npy) makes of the series, ${scale}: 1 × ${output.size.join(" × ")}, ${output.dtype}.`;
}

function countTable({ plan, shards }: CardFacts): string {
  const names = [...new Set(plan.shards.map(({ split }) => split ?? "unlisted"))];
  const lines = names.map((name) => {
    const files = shards.filter((_, at) => (plan.shards[at]!.split ?? "unlisted") === name);
    return `| ${name} | ${files.reduce((sum, file) => sum + file.rows, 0)} | ${files.length} |`;
  });
  return `| split | rows | files |\n|---|---|---|\n${lines.join("\n")}`;
}

function tally(names: readonly string[]): string {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return [...found].map(([name, count]) => `| ${name} | ${count} |`).join("\n");
}

/** Stands while the first shards come in several commits: whoever loads the data set then is told so, not given a part. */
export const unfinishedCard = `---
${stringify({ tags: ["voxshard"], configs: [{ config_name: "default", data_files: "being-uploaded/*" }] })}---
This data set is being uploaded by voxshard. It can be loaded once it is whole.
`;
