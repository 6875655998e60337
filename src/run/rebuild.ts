import { rm } from "node:fs/promises";
import { EtlError } from "../errors.ts";
import { readVqaTable } from "../m3d-cap/vqa-table.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Selection } from "../model/selection.ts";
import { finalize } from "../output/finalize.ts";
import { receiptPath, recipePath } from "../output/layout.ts";
import { writeInto } from "../output/output-folder.ts";
import { readReceipt } from "../output/receipts.ts";
import { partOfPlan, wholeShard } from "../plan/part-of-plan.ts";
import { planHash } from "../plan/plan-hash.ts";
import type { OpenRecipe } from "../recipe/open-recipe.ts";
import { type RebuildFrom, type Rebuilding, rebuildingOf, unlike } from "../recipe/recipe-source.ts";
import { type Begun, type ConvertOptions, claim, makeShards } from "./convert.ts";

export interface RebuildOptions extends ConvertOptions, RebuildFrom, Begun {}
export interface Rebuilt {
  readonly plan: Plan;
  readonly receipts: readonly Receipt[];
  /** Shards made by this call. */
  readonly made: number;
  /** Of each shard that is not the recipe's, why. */
  readonly unlike: readonly string[];
}

/** The plan of a recipe's shards that hold a row of one of these splits; of all where none is named. */
export async function rebuildPlan(
  recipe: OpenRecipe,
  splits: Selection["splits"],
  table: string | undefined,
): Promise<Plan> {
  const plan = await withQuestions(await recipe.plan(), table);
  if (splits.length === 0) return plan;
  const isWanted = ({ split, subsets }: Plan["rows"][number]) =>
    splits.some((name) => name === split || subsets.includes(name));
  const shards = plan.shards.map((shard) => wholeShard(plan, shard)).filter(({ rows }) => rows.some(isWanted));
  if (shards.length === 0) throw new EtlError("usage", `--split ${splits.join(", ")}: the recipe has no row of it`);
  return partOfPlan(plan, shards);
}

/** Questions are no part of a recipe: they come from the same table again. */
async function withQuestions(plan: Plan, table: string | undefined): Promise<Plan> {
  if (!plan.output.vqa && table === undefined) return plan;
  if (table === undefined)
    throw new EtlError("usage", "the shards have M3D-VQA's questions, which no recipe holds; give --join vqa=FILE");
  if (!plan.output.vqa) throw new EtlError("usage", "--join: the recipe's shards have no questions");
  const { sha256, byImage } = await readVqaTable(table, { name: table, file: () => undefined });
  if (sha256 !== plan.joined?.sha256)
    throw new EtlError(
      "bad-table",
      `--join ${table}: is not the table that the recipe was made with (SHA-256 ${sha256})`,
    );
  const rows = plan.rows.map((row) => {
    const questions = row.image === null ? undefined : byImage.get(row.image);
    return questions ? { ...row, vqa: [...questions] } : row;
  });
  return { ...plan, rows };
}

/** Makes the folder the plan's, with the recipe in it: then `run` can make each of its shards. */
export async function claimRebuild(folder: string, plan: Plan, recipe: OpenRecipe): Promise<void> {
  await claim(folder, plan);
  await recipe.keepIn(recipePath(folder), (file, content) => writeInto(folder, file, content));
}

/**
 * Makes a claimed folder's shards byte for byte as the recipe has them. What cannot be rebuilt is rejected by name, and its
 * shard is written without it, to be made anew by the next call: another source may have it.
 */
export async function rebuild(plan: Plan, options: RebuildOptions): Promise<Rebuilt> {
  const rebuilt = await rebuildFrom(
    [...plan.shards.keys()],
    plan,
    await rebuildingOf(options.folder, plan, options),
    options,
  );
  await finalize(options.folder);
  return rebuilt;
}

/** Makes some of a claimed folder's shards, likewise. */
export async function rebuildShards(shards: readonly number[], plan: Plan, options: RebuildOptions): Promise<Rebuilt> {
  const own = shards.map((shard) => wholeShard(plan, plan.shards[shard]!));
  const rebuilding = await rebuildingOf(options.folder, partOfPlan(plan, own), options);
  return rebuildFrom(shards, plan, rebuilding, options);
}

async function rebuildFrom(
  shards: readonly number[],
  plan: Plan,
  { source, held, receipts: wanted }: Rebuilding,
  options: RebuildOptions,
): Promise<Rebuilt> {
  for (const shard of shards) {
    const receipt = await readReceipt(options.folder, shard, planHash(plan));
    if (receipt && unlike(receipt, wanted) !== undefined) await rm(receiptPath(options.folder, shard), { force: true });
  }
  const { receipts, made } = await makeShards(shards, plan, source, { ...options, executor: held(options.executor) });
  return { plan, receipts, made, unlike: receipts.flatMap((receipt) => unlike(receipt, wanted) ?? []) };
}
