import type { Plan } from "../model/plan.ts";
import { Output } from "../model/selection.ts";

/** Flags of `convert` by the fields of a plan's output, where they differ from the field's own name. */
const outputFlags = {
  format: "format",
  engine: "parquet-engine",
  volume: "volume",
  dtype: "dtype",
  size: "size",
  codec: "codec",
  order: "order",
  shardBytes: "shard-size",
  rowGroupBytes: "row-group-size",
} as const;
const selectionFlags = {
  splits: "split",
  collections: "collection",
  planes: "plane",
  phases: "phase",
  cases: "case",
} as const;

/** The `convert` command that makes the same plan again: its source pinned, and only what is not the default named. */
export function commandLine(plan: Plan): string {
  const { selection, output } = plan;
  const words = ["voxshard", "convert", sourceWord(plan)];
  for (const [field, flag] of Object.entries(selectionFlags))
    for (const value of selection[field as keyof typeof selectionFlags]) words.push(`--${flag}`, quoted(value));
  if (selection.limit !== null) words.push("--limit", String(selection.limit));
  if (selection.sample !== null) words.push("--sample", String(selection.sample));
  if (selection.exclude.length > 0) words.push("--exclude", "excluded-ids.txt");
  if (selection.unlisted) words.push("--unlisted");
  if (plan.certificate || plan.ownLists) words.push("--split-file", "lists.json");
  const defaults = Output.parse({});
  for (const [field, flag] of Object.entries(outputFlags)) {
    const value = output[field as keyof typeof outputFlags];
    if (String(value) !== String(defaults[field as keyof typeof outputFlags])) words.push(`--${flag}`, word(value));
  }
  if (output.slices) words.push("--slices");
  if (!output.preview) words.push("--no-preview");
  if (output.splitByCase) words.push("--split-by", "case");
  if (output.vqa) words.push("--join", "vqa=M3D_VQA.csv");
  const seed = selection.seed || output.seed;
  if (seed > 0) words.push("--seed", String(seed));
  return [...words, "--out", "out"].join(" ");
}

/** A data set of the Hub has an address; where a local copy lay is nobody's business. */
export const isHubSource = ({ source }: Pick<Plan, "source">) => source.kind === "hub";

/** Where a conversion was read from, in words. */
export function originOf({ source: { kind, id, revision } }: Pick<Plan, "source">): string {
  if (kind === "hub") return `\`${id}\` at commit \`${revision}\``;
  const name = kind === "local" ? "a local copy of the data set" : `\`${id}\``;
  return `${name} (content fingerprint \`${revision}\`)`;
}

function sourceWord({ source: { kind, id, revision } }: Plan): string {
  if (kind === "hub") return `${id}@${revision}`;
  return kind === "local" ? "./a-local-copy" : id;
}

const quoted = (text: string) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const word = (value: string | number | readonly number[]) => (typeof value === "number" ? `${value}B` : String(value));
