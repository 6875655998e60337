import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Directory } from "../archive/archive-format.ts";
import { encodeDirectory } from "../archive/directory-file.ts";
import { EtlError } from "../errors.ts";
import { sweepTemporaries } from "../files/temporary-files.ts";
import { makeWhole, writeWhole } from "../files/whole-file.ts";
import { createFile } from "../files/written-file.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { Recipe, type RecipeArchive, type RecipeCluster, recipeColumns } from "../model/recipe.ts";
import { indexRows } from "../output/finalize.ts";
import { planHash } from "../plan/plan-hash.ts";
import { recipeCard } from "../publish/recipe-card.ts";
import { indexColumns } from "../shards/columns.ts";
import { shardFormat } from "../shards/formats.ts";
import type { Archive } from "../source/source.ts";
import { aboveOf, foldersOf, rowsFrom } from "./directories.ts";
import { recipePlan } from "./recipe-plan.ts";

/** What a recipe is made of: a conversion, and the directories of the archives that it was read from. */
export interface Ingredients {
  readonly folder: string;
  readonly plan: Plan;
  readonly receipts: readonly Receipt[];
  readonly directoryOf: (
    archive: Plan["archives"][number],
  ) => Promise<{ archive: Pick<Archive, "path" | "above">; directory: Directory }>;
  readonly clusters: readonly RecipeCluster[];
}

/** The directories of all archives. */
export const DIRECTORIES = "directories.bin";
export const sha256Of = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

/** Light rows are a few hundred bytes each. */
const ROW_GROUP_BYTES = 16_000_000;

/** Writes the recipe's folder, recipe.json last; the same conversion gives the same bytes. */
export async function writeRecipe(out: string, from: Ingredients): Promise<{ recipe: Recipe; plan: Plan }> {
  await makeRoom(out);
  const plan = recipePlan(from.plan, from.receipts);
  const files: Record<string, string> = {};
  const put = async (name: string, content: Uint8Array | string) => {
    files[name] = sha256Of(content);
    await writeWhole(path.join(out, name), content);
  };
  const { archives, sha256 } = await writeDirectories(path.join(out, DIRECTORIES), plan, from);
  files[DIRECTORIES] = sha256;
  await put("plan.json", JSON.stringify(plan));
  await put("receipts.jsonl", from.receipts.map((receipt) => `${JSON.stringify(ofRecipe(receipt, plan))}\n`).join(""));
  if (from.clusters.length > 0)
    await put("clusters.jsonl", from.clusters.map((cluster) => `${JSON.stringify(cluster)}\n`).join(""));
  files["rows.parquet"] = await writeRows(path.join(out, "rows.parquet"), from);
  const { tool, shards, rows } = plan;
  const recipe = Recipe.parse({ version: 1, tool, rows: rows.length, shards: shards.length, archives, files });
  await writeWhole(path.join(out, "README.md"), recipeCard({ recipe, plan, receipts: from.receipts }, "owner/name"));
  await writeWhole(path.join(out, "recipe.json"), `${JSON.stringify(recipe, undefined, 2)}\n`);
  return { recipe, plan };
}

/** An older recipe gives way; a folder with other files stays as it is. */
async function makeRoom(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new EtlError("cannot-write", `${out}: is a file, not a folder; choose another --out`);
  await sweepTemporaries(out);
  const names = await readdir(out).catch((): string[] => []);
  // One that was stopped has its first file, and not yet its last.
  if (names.length > 0 && !names.includes("recipe.json") && !names.includes(DIRECTORIES))
    throw new EtlError("cannot-write", `${out}: holds ${names[0]}, and no recipe; choose an empty --out`);
  for (const name of ["recipe.json", "clusters.jsonl"]) await rm(path.join(out, name), { force: true });
}

/** One directory behind the other in one file, which costs one request. */
async function writeDirectories(target: string, plan: Plan, from: Ingredients) {
  const archives: RecipeArchive[] = [];
  const { sha256 } = await makeWhole(target, (temporary) =>
    createFile(temporary, async (sink) => {
      let start = 0;
      for (const at of plan.archives.keys()) {
        const { bytes, ...archive } = await encoded(plan, at, from);
        await sink.write(bytes);
        const end = start + bytes.byteLength;
        archives.push({ ...archive, directory: { start, end, sha256: sha256Of(bytes) } });
        start = end;
      }
    }),
  );
  return { archives, sha256 };
}

async function encoded(plan: Plan, at: number, from: Ingredients) {
  const planned = plan.archives[at]!;
  const { archive, directory } = await from.directoryOf(planned);
  const folders = foldersOf(directory, archive.above, rowsFrom(plan, at));
  const { path: name, format, byteLength, contentId } = planned;
  return {
    path: name,
    above: aboveOf(archive, folders),
    format,
    byteLength,
    contentId: plan.source.kind === "local" ? null : contentId,
    members: folders.reduce((sum, { count }) => sum + count, 0),
    bytes: encodeDirectory({ folders, refused: [] }, directoryIdentity(planned)),
  };
}

/** What a directory in a recipe is of. */
export const directoryIdentity = ({
  path: name,
  format,
  byteLength,
}: Pick<RecipeArchive, "path" | "format" | "byteLength">) => ({
  path: name,
  format,
  byteLength: String(byteLength),
});

/** What a shard must be, whoever makes it; rejects are in the plan by now. */
const ofRecipe = (receipt: Receipt, plan: Plan): Receipt => ({ ...receipt, planHash: planHash(plan), rejects: [] });

async function writeRows(target: string, { folder, plan, receipts }: Ingredients): Promise<string> {
  const had = new Set(indexColumns(plan.output));
  const columns = recipeColumns.filter((name) => had.has(name));
  const rows = indexRows(folder, plan, receipts);
  const options = { columns, rowGroupBytes: ROW_GROUP_BYTES, codec: "snappy" } as const;
  const { sha256 } = await makeWhole(target, (temporary) =>
    shardFormat("parquet", "hyparquet-writer").write(temporary, rows, options),
  );
  return sha256;
}
