import { existsSync } from "node:fs";
import path from "node:path";
import { readAll } from "../bytes/byte-source.ts";
import { EtlError } from "../errors.ts";
import { hubFile } from "../hub/download.ts";
import { type HubAccessOptions, withHub } from "../hub/hub-access.ts";
import { parseRepository } from "../hub/repository.ts";
import { listTree, pinRevision } from "../hub/tree.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { MAX_STATE_BYTES, recipePath } from "../output/layout.ts";
import type { Executor } from "../series/executor.ts";
import type { Source } from "../source/source.ts";
import { unionSource } from "../source/union-source.ts";
import { findArchives } from "./find-archives.ts";
import { type Expected, heldExecutor } from "./held-executor.ts";
import { OpenRecipe, pixelsIn, type RecipeFiles, recipeFolder } from "./open-recipe.ts";

/** Runs `work` with the recipe in a folder, or with the one that was published as `owner/name`. */
export function withRecipe<T>(
  text: string,
  options: HubAccessOptions,
  work: (recipe: OpenRecipe) => Promise<T>,
): Promise<T> {
  const repository = parseRepository(text);
  if (existsSync(text) || !repository) return recipeFolder(text).then(work);
  return withHub(options, async (client) => {
    const commit = await pinRevision(client, repository, options.signal);
    const tree = await listTree(client, repository.id, commit, options.signal);
    const within = repository.folder === undefined ? "" : `${repository.folder}/`;
    const files = new Map(tree.map((file) => [file.path, file]));
    const read: RecipeFiles = async (name, range) => {
      const file = files.get(within + name);
      if (!file) return undefined;
      if (file.byteLength > MAX_STATE_BYTES)
        throw new EtlError("limit-exceeded", `${text}: ${name} has ${file.byteLength} bytes; no such recipe is read`);
      const bytes = hubFile(client, repository.id, commit, file);
      return readAll(bytes, range ?? { start: 0, end: file.byteLength }, { signal: options.signal });
    };
    return work(await OpenRecipe.open(text, read));
  });
}

/** What the shards of a folder are rebuilt with: sources as one, and what each shard and series must be. */
export interface Rebuilding {
  readonly source: Source;
  readonly held: (executor: Executor) => Executor;
  /** By the shard's path. */
  readonly receipts: ReadonlyMap<string, Receipt>;
}

export interface RebuildFrom {
  readonly parts: readonly Source[];
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: ((line: string) => void) | undefined;
  readonly onArchive?: ((done: number, total: number, path: string) => void) | undefined;
}

/** Finds the archives of a plan whose recipe the folder keeps. */
export async function rebuildingOf(
  folder: string,
  plan: Plan,
  { parts, signal, onNote, onArchive }: RebuildFrom,
): Promise<Rebuilding> {
  const kept = await recipeFolder(recipePath(folder));
  const { archives } = kept.recipe;
  const known = new Set(archives.map((archive) => archive.path));
  const stray = plan.archives.find((archive) => !known.has(archive.path));
  if (stray)
    throw new EtlError("not-verified", `${folder}: its recipe does not have ${stray.path}; rebuild into a new folder`);
  const directory = (archive: (typeof archives)[number]) => kept.directory(archive);
  const shared = await findArchives({ plan, archives, directory, parts, signal, onNote, onArchive });
  const receipts = await kept.receipts();
  const expected = await expectedOf(folder, [...receipts.values()]);
  const { id: name, kind, revision } = plan.source;
  const source = unionSource({
    source: { name, kind, revision },
    parts,
    archives: shared,
    onOther: (fault, damaged, taken) => onNote?.(`${damaged}: ${fault.message}; taken from ${taken}`),
  });
  return { source, receipts, held: (executor) => heldExecutor(executor, expected) };
}

async function expectedOf(folder: string, receipts: readonly Receipt[]): Promise<ReadonlyMap<string, Expected>> {
  const pixels = await pixelsIn(recipePath(folder));
  const volumes = new Map(receipts.flatMap((one) => one.volumes.map((sha256, at) => [one.ids[at]!, sha256] as const)));
  const ids = receipts.flatMap((receipt) => receipt.ids);
  return new Map(ids.map((id) => [id, { volume: volumes.get(id), pixels: pixels.get(id) }]));
}

/** True for a folder that was made by a recipe. */
export const isRebuilt = (folder: string): boolean => existsSync(path.join(recipePath(folder), "recipe.json"));

/** What the recipe of a folder says that its shards must be, by path. */
export const recipeReceipts = async (folder: string) => (await recipeFolder(recipePath(folder))).receipts();

/** Why a shard is not the recipe's, in words; undefined where it is, byte for byte. */
export function unlike(receipt: Receipt, wantedBy: ReadonlyMap<string, Receipt>): string | undefined {
  const wanted = wantedBy.get(receipt.path);
  if (wanted?.sha256 === receipt.sha256) return undefined;
  if (receipt.rejects.length === 0)
    return `${receipt.path}: has all its series, and other bytes; was the recipe made by another version, or with another table?`;
  const [first, ...more] = receipt.rejects;
  return `${receipt.path}: without ${first!.detail}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;
}
