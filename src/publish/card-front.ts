import type { Card } from "../hub/card.ts";
import { repositoryOf } from "../hub/repository.ts";
import type { AuditSummary } from "../model/audit-summary.ts";
import type { ColumnName } from "../model/columns.ts";
import type { Plan, PlannedShard } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { subsets } from "../model/split.ts";
import { columnsOf, indexColumns, layoutOf, type VolumeLayout } from "../shards/columns.ts";
import { cardFeatures } from "../shards/features.ts";
import { isHubSource } from "./command-line.ts";

/** What a file adds to the counts that `dataset_info` gives. */
export interface Counted {
  readonly rows: number;
  readonly byteLength: number;
  /** Bytes of all cells before encoding and compression; what `datasets` calls num_bytes. */
  readonly dataBytes: number;
}
export interface CardFacts {
  readonly plan: Plan;
  readonly receipts: readonly Receipt[];
  /** One a shard, in the plan's order. */
  readonly shards: readonly Counted[];
  readonly index: Counted;
  readonly source: Card;
  /** Of these shards, where they were audited. */
  readonly audit?: AuditSummary;
}

interface Config {
  readonly name: string;
  readonly columns: readonly ColumnName[];
  readonly splits: readonly { readonly name: string; readonly path: string | string[]; readonly files: Counted[] }[];
}

/** The YAML that the Hub and `datasets` read, as `push_to_hub` writes it. */
export function cardFront(facts: CardFacts): Record<string, unknown> {
  const { plan, source } = facts;
  const all = configs(facts);
  const rows = facts.shards.reduce((sum, shard) => sum + shard.rows, 0);
  const { license = "other", license_name, license_link, language } = source.front;
  return {
    pretty_name: `${title(plan)} as columnar shards`,
    ...(language === undefined ? {} : { language }),
    license,
    ...(license_name === undefined ? {} : { license_name }),
    ...(license_link === undefined ? {} : { license_link }),
    ...(isHubSource(plan) ? { source_datasets: [repositoryOf(plan.source.id)] } : {}),
    task_categories: ["image-to-text"],
    tags: ["medical", "radiology", "3d", "ct", "voxshard"],
    size_categories: [sizeCategory(rows)],
    dataset_info: all.map((config) => infoOf(config, layoutOf(plan.output))),
    configs: all.map(({ name, splits }) => ({
      config_name: name,
      ...(name === "default" ? { default: true } : {}),
      data_files: splits.map(({ name: split, path }) => ({ split, path })),
    })),
  };
}

export const title = ({ source: { kind, id } }: Plan) =>
  kind === "local" ? "M3D-Cap" : id.split("/")[1]!.replace(/@.*/, "");

/** Splits, then the nested test lists as whole files where the shards' borders allow it, then the index. */
function configs({ plan, shards, index }: CardFacts): readonly Config[] {
  const columns = columnsOf(plan.output);
  const names = [...new Set(plan.shards.map((shard) => shard.split ?? "unlisted"))];
  const filesOf = (wanted: (shard: PlannedShard) => boolean) =>
    plan.shards.flatMap((shard, at) => (wanted(shard) ? [shards[at]!] : []));
  const ofSplit = (name: string) => (shard: PlannedShard) => (shard.split ?? "unlisted") === name;
  const whole = names.map((name) => ({ name, path: pattern(plan, name), files: filesOf(ofSplit(name)) }));
  const nested = subsets.flatMap((name): Config[] => {
    const within = wholeFiles(plan, name);
    if (within.length === 0) return [];
    const paths = within.map(({ path }) => path);
    return [{ name, columns, splits: [{ name: "test", path: paths, files: filesOf((one) => within.includes(one)) }] }];
  });
  const light = {
    name: "index",
    columns: indexColumns(plan.output),
    splits: [{ name: "index", path: INDEX, files: [index] }],
  };
  return [{ name: "default", columns, splits: whole }, ...nested, light];
}

const INDEX = "index.parquet";

/** With the total in it, so that shards of another selection, uploaded but not yet switched to, are not matched. */
function pattern(plan: Plan, split: string): string {
  const { path } = plan.shards.find((shard) => (shard.split ?? "unlisted") === split)!;
  return path.replace(/-\d{5}-of-/, "-*-of-");
}

/** The nested lists that are configs of their own. */
export const wholeSubsets = (plan: Plan) => subsets.filter((name) => wholeFiles(plan, name).length > 0);

/** The shards that hold a nested list and nothing else; none where it shares a shard with other rows. */
function wholeFiles(plan: Plan, subset: string): readonly PlannedShard[] {
  const holds = ({ first, end }: PlannedShard) =>
    plan.rows.slice(first, end).map((row) => row.split === "test" && row.subsets.includes(subset));
  const touched = plan.shards.filter((shard) => holds(shard).includes(true));
  return touched.some((shard) => holds(shard).includes(false)) ? [] : touched;
}

function infoOf({ name, columns, splits }: Config, layout: VolumeLayout) {
  const sum = (of: (file: Counted) => number, files: readonly Counted[]) =>
    files.reduce((total, file) => total + of(file), 0);
  const all = splits.flatMap(({ files }) => files);
  return {
    config_name: name,
    features: cardFeatures(columns, layout),
    splits: splits.map((split) => ({
      name: split.name,
      num_bytes: sum((file) => file.dataBytes, split.files),
      num_examples: sum((file) => file.rows, split.files),
    })),
    download_size: sum((file) => file.byteLength, all),
    dataset_size: sum((file) => file.dataBytes, all),
  };
}

function sizeCategory(rows: number): string {
  const steps: [number, string][] = [
    [1e3, "n<1K"],
    [1e4, "1K<n<10K"],
    [1e5, "10K<n<100K"],
    [1e6, "100K<n<1M"],
  ];
  return steps.find(([limit]) => rows < limit)?.[1] ?? "1M<n<10M";
}
