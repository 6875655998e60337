import type { Plan } from "../model/plan.ts";
import { finalize } from "../output/finalize.ts";
import { claimFolder, sweep } from "../output/output-folder.ts";
import type { Source } from "../source/source.ts";
import { type Converted, type ConvertOptions, makeShards, type ShardSteps } from "./make-shards.ts";

/** Makes every shard of the plan that is not there yet, then the index, the rejects and the card. */
export async function convert(plan: Plan, source: Source, options: ConvertOptions): Promise<Converted> {
  await claim(options.folder, plan);
  return convertClaimed(plan, source, options);
}

/** Makes the folder the plan's own. */
export async function claim(folder: string, plan: Plan): Promise<void> {
  await claimFolder(folder, plan);
  await sweep(folder);
}

/** Converts into a folder that is the plan's own; without `steps`, the shards just stay there. */
export async function convertClaimed(
  plan: Plan,
  source: Source,
  options: ConvertOptions,
  steps?: ShardSteps,
): Promise<Converted> {
  const converted = await makeShards([...plan.shards.keys()], plan, source, options, steps);
  await finalize(options.folder);
  return converted;
}
