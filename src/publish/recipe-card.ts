import { stringify } from "yaml";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Recipe } from "../model/recipe.ts";
import { title } from "./card-front.ts";
import { notices, splitNote } from "./card-text.ts";
import { originOf } from "./command-line.ts";

interface RecipeFacts {
  readonly recipe: Recipe;
  readonly plan: Plan;
  readonly receipts: readonly Receipt[];
}

/** The README of a recipe: what it is, why it may be shared, and how shards come of it. Equal facts give the same bytes. */
export function recipeCard({ recipe, plan, receipts }: RecipeFacts, repository: string): string {
  const front = {
    pretty_name: `Recipe of ${title(plan)} as columnar shards`,
    license: "other",
    license_name: "coordinates-only",
    tags: ["medical", "radiology", "3d", "ct", "recipe", "voxshard"],
    configs: [{ config_name: "rows", default: true, data_files: [{ split: "rows", path: "rows.parquet" }] }],
  };
  const bytes = receipts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  return `---
${stringify(front)}---
# Recipe of ${title(plan)} as columnar shards

**No picture and no text of a report is in it**: only where in the archives each series lies, and what it must hash to.
That is why it can be shared where the data itself cannot. Whoever holds the archives makes the same
${count(recipe.shards, "shard")} of them, byte for byte: ${count(recipe.rows, "row")}, ${bytes} bytes, from ${count(recipe.archives.length, "archive")} of ${originOf(plan)}.

\`\`\`sh
voxshard rebuild ${repository} --from ./my-copy --from ./my-other-copy --out out
\`\`\`

Each shard is held against its SHA-256; what cannot be rebuilt is named.

${splitNote(plan)}

## Files

| file | what |
|---|---|
| \`rows.parquet\` | a light row a series: ids, split, plane and phase, sizes, crop box, hashes, and its shard |
| \`plan.json\`, \`receipts.jsonl\` | all that the conversion did (by ${recipe.tool}); each shard's size and SHA-256 |
| \`directories.bin\` | of each archive the members that are read: names, places, sizes, CRC-32 |
${recipe.files["clusters.jsonl"] ? "| `clusters.jsonl` | series that an audit found to belong together |\n" : ""}| \`recipe.json\` | what each archive and each of these files must be |

${notices}`;
}
