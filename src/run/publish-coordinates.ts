import path from "node:path";
import type { ArchiveIndex } from "../coordinates/archive-index.ts";
import { coverage } from "../coordinates/coverage.ts";
import { INDEX_FILE } from "../coordinates/layout.ts";
import { indexIn } from "../coordinates/open-index.ts";
import type { VerifiedFolder } from "../model/verified.ts";
import { toolName } from "../plan/tool-version.ts";
import { type IndexFacts, indexCard } from "../publish/index-card.ts";
import { publishCoordinates } from "../publish/publish.ts";
import { recipeCard } from "../publish/recipe-card.ts";
import { makeRecipe, type RecipeMade, type RecipeOptions } from "../recipe/make-recipe.ts";
import { ofFolder, type Published, type PublishOptions, withDestination } from "./publish.ts";

/** Makes the recipe of a folder that `verify` has passed, and a Hub data set of it. No licence of the source forbids that. */
export async function publishRecipe(
  { folder, plan }: VerifiedFolder,
  repository: string,
  options: Omit<PublishOptions, "card" | "hasRight"> & RecipeOptions,
): Promise<Published & Pick<RecipeMade, "recipe">> {
  const out = path.join(folder, ".voxshard", "to-publish");
  const made = await makeRecipe(folder, out, options);
  const names = [...Object.keys(made.recipe.files), "recipe.json"];
  const lifted = { ...options, hasRight: true };
  const published = await withDestination(ofFolder(folder, plan, 0), repository, lifted, (destination) =>
    publishCoordinates(out, { what: "a recipe", card: recipeCard(made, destination.id), names }, destination),
  );
  return { ...published, recipe: made.recipe };
}

export interface PublishedIndex extends Published {
  readonly index: Pick<IndexFacts, "source" | "archives" | "members" | "lists">;
}

/** Makes a Hub data set of the index in a folder, once all of it was read and holds. No licence of the source forbids that. */
export async function publishIndex(
  folder: string,
  repository: string,
  options: Omit<PublishOptions, "card" | "hasRight">,
): Promise<PublishedIndex> {
  const index = await indexIn(folder, options.signal);
  try {
    const facts = await factsOf(index, options.signal);
    const sending = { sourceCard: async () => undefined, totalBytes: index.byteLength, totalShards: 0 };
    const published = await withDestination(sending, repository, { ...options, hasRight: true }, (destination) => {
      const card = indexCard(facts, destination.id);
      return publishCoordinates(folder, { what: "an index", card, names: [INDEX_FILE] }, destination);
    });
    const { source, archives, members, lists } = facts;
    return { ...published, index: { source, archives, members, lists } };
  } finally {
    await index.close();
  }
}

async function factsOf(index: ArchiveIndex, signal: AbortSignal | undefined): Promise<IndexFacts> {
  const { archives, source } = index.head;
  // Each archive's members are held against their hash as they are read.
  for (const archive of archives) await index.whole(archive, { signal });
  const { lists, example } = await coverage(index, new Set(archives.map(({ path }) => path)), new Map(), signal);
  const sum = (of: (archive: (typeof archives)[number]) => number) =>
    archives.reduce((total, archive) => total + of(archive), 0);
  return {
    tool: toolName(),
    source,
    archives: archives.length,
    members: sum((archive) => archive.members),
    archiveBytes: sum((archive) => archive.byteLength),
    lists: Object.fromEntries(Object.entries(lists).map(([name, { of }]) => [name, of])),
    example,
  };
}
