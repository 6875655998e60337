import path from "node:path";
import { z } from "zod";
import type { Directory } from "../archive/archive-format.ts";
import { detectors } from "../audit/detectors.ts";
import { UnionFind } from "../audit/union-find.ts";
import { archiveFor, cachedDirectory, directoryOf } from "../catalogue/directories.ts";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import type { Plan, PlannedArchive } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Recipe, RecipeCluster } from "../model/recipe.ts";
import { MAX_STATE_BYTES, recipePath } from "../output/layout.ts";
import { planOf } from "../output/output-folder.ts";
import { allReceipts } from "../output/receipts.ts";
import type { Archive, Source } from "../source/source.ts";
import { recipeFolder } from "./open-recipe.ts";
import { isRebuilt } from "./recipe-source.ts";
import { writeRecipe } from "./write-recipe.ts";

export interface RecipeOptions {
  /** Opens what the conversion was read from; asked only where the cache does not have an archive's directory. */
  readonly open: (source: Plan["source"]) => Promise<Source>;
  readonly signal?: AbortSignal | undefined;
  readonly onArchive?: ((done: number, total: number, path: string) => void) | undefined;
}
export interface RecipeMade {
  readonly recipe: Recipe;
  readonly plan: Plan;
  readonly receipts: readonly Receipt[];
}

/** Makes a recipe of a whole conversion: the same shards can be made of it wherever the archives are. */
export async function makeRecipe(folder: string, out: string, options: RecipeOptions): Promise<RecipeMade> {
  const { open, signal, onArchive } = options;
  const plan = await planOf(folder);
  const receipts = await allReceipts(folder, plan);
  const rebuilt = isRebuilt(folder) ? await recipeFolder(recipePath(folder)) : undefined;
  let source: Source | undefined;
  let done = 0;
  const read = async (planned: PlannedArchive) => {
    signal?.throwIfAborted();
    onArchive?.(done++, plan.archives.length, planned.path);
    const known = rebuilt?.recipe.archives.find(({ path: name }) => name === planned.path);
    if (known) return { archive: known, directory: await rebuilt!.directory(known) };
    const kept =
      plan.source.kind !== "local" ? await cachedDirectory(plan.source.id, plan.source.revision, planned) : undefined;
    if (kept) return { archive: { path: planned.path, above: planned.path }, directory: kept };
    source ??= await open(plan.source);
    return readNow(source, archiveFor(source, planned), signal);
  };
  try {
    const clusters = await clustersOf(folder, new Set(receipts.flatMap(({ ids }) => ids)));
    const made = await writeRecipe(out, { folder, plan, receipts, directoryOf: read, clusters });
    return { ...made, receipts };
  } finally {
    await source?.close();
  }
}

async function readNow(
  source: Source,
  archive: Archive,
  signal: AbortSignal | undefined,
): Promise<{ archive: Archive; directory: Directory }> {
  const { directory } = await directoryOf(source, archive, signal);
  return { archive, directory };
}

const Found = z.object({ kind: z.string(), ids: z.array(z.string()), splits: z.array(z.string()) });
const LEAKS = new Set(detectors.filter(({ group }) => group === "leaks").map(({ kind }) => kind));

/** Of the audit that lies in the folder, which series belong together; what it quotes of reports stays there. */
async function clustersOf(folder: string, known: ReadonlySet<string>): Promise<readonly RecipeCluster[]> {
  const file = path.join(folder, "audit", "findings.jsonl");
  const text = await readPlainFile(file, MAX_STATE_BYTES).catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "";
    throw error;
  });
  const findings = text.split("\n").flatMap((line) => (line === "" ? [] : [parsed(line, file)]));
  const leaks = findings
    .filter(({ kind }) => LEAKS.has(kind))
    .map((leak) => ({ ...leak, ids: leak.ids.filter((id) => known.has(id)) }))
    .filter(({ ids }) => ids.length > 0);
  const ids = [...new Set(leaks.flatMap((leak) => leak.ids))].sort();
  const places = new Map(ids.map((id, at) => [id, at]));
  const joined = new UnionFind(ids.length);
  for (const leak of leaks) for (const id of leak.ids) joined.join(places.get(leak.ids[0]!)!, places.get(id)!);
  return joined.groups().map((group) => {
    const root = joined.rootOf(group[0]!);
    const own = leaks.filter((leak) => joined.rootOf(places.get(leak.ids[0]!)!) === root);
    const all = (of: (leak: (typeof leaks)[number]) => readonly string[]) => [...new Set(own.flatMap(of))].sort();
    return { ids: group.map((at) => ids[at]!), kinds: all(({ kind }) => [kind]), splits: all(({ splits }) => splits) };
  });
}

function parsed(line: string, file: string): z.infer<typeof Found> {
  try {
    return Found.parse(JSON.parse(line));
  } catch (error) {
    throw new EtlError("not-verified", `${file}: not as audit wrote it; run audit again, or remove it`, error);
  }
}
