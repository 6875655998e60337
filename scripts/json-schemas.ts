import { z } from "zod";
import { SplitFile } from "../src/m3d-cap/split-file.ts";
import { AttemptLine } from "../src/model/attempt.ts";
import { IndexedFolder, IndexHead } from "../src/model/coordinates.ts";
import { Plan, Reject } from "../src/model/plan.ts";
import { SealedReceipt } from "../src/model/receipt.ts";
import { Recipe, RecipeCluster, RecipeRow } from "../src/model/recipe.ts";
import { Row } from "../src/model/row.ts";

const described = {
  "split-file": [SplitFile, "M3D_Cap.json: the data set's official lists"],
  row: [Row, "A row of a shard: one series"],
  plan: [Plan, ".voxshard/plan.json: all that a conversion does"],
  receipt: [SealedReceipt, ".voxshard/receipts/<shard>.json: what a finished shard is"],
  attempt: [AttemptLine, "A line of .voxshard/attempts/<shard>.<host>.<pid>.jsonl: how a try at a shard went"],
  recipe: [Recipe, "recipe.json: what a recipe is, and what each of its files must hash to"],
  "recipe-row": [RecipeRow, "A row of a recipe's rows.parquet: these columns and no others"],
  "recipe-cluster": [RecipeCluster, "A line of a recipe's clusters.jsonl"],
  index: [IndexHead, "voxshard.index in the metadata of archives.parquet: what an index is of"],
  "index-row": [IndexedFolder, "A row of archives.parquet: a folder of an archive"],
  reject: [Reject, "A line of rejects.jsonl"],
} as const;

/** The JSON Schemas of what is read and written, by path, from the definitions that the code checks with. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(described).map(([name, [definition, title]]) => {
      const schema = z.toJSONSchema(definition, { unrepresentable: "any" });
      return [`schemas/${name}.schema.json`, `${JSON.stringify({ title, ...schema }, undefined, 2)}\n`];
    }),
  );
}
