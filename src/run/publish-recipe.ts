import path from "node:path";
import type { VerifiedFolder } from "../model/verified.ts";
import { publishCoordinates } from "../publish/publish.ts";
import { recipeCard } from "../publish/recipe-card.ts";
import { makeRecipe, type RecipeMade, type RecipeOptions } from "./make-recipe.ts";
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
