import { DiskRoom } from "../files/disk-room.ts";
import type { Plan } from "../model/plan.ts";
import { closePublication, openPublication } from "../publish/publish.ts";
import type { Source } from "../source/source.ts";
import type { Converted, ConvertOptions } from "./convert.ts";
import { claim, convertClaimed } from "./convert.ts";
import { cardFor, ofFolder, type Published, type PublishOptions, withDestination } from "./publish.ts";
import { SendShards } from "./send-shards.ts";

export interface StraightOptions extends ConvertOptions, Omit<PublishOptions, "signal"> {
  /** Most bytes of the folder at once; shards are freed once they are sent. Without it they stay. */
  readonly maxDiskBytes?: number | undefined;
  /** Awaited when all shards are made and before the card is. */
  readonly beforeCard?: (() => Promise<void>) | undefined;
}
export interface StraightResult extends Converted {
  readonly published: Published;
  /** The most bytes that lay in the folder at once, by this run's own count. */
  readonly peakDiskBytes: number;
}

/**
 * Converts and publishes shard by shard: made, verified, sent, and freed while the next one is made. Each step leaves
 * its mark (receipt, index rows, `sent`) before the next begins, so the same call goes on wherever it was stopped; what
 * the repository's store has lost meanwhile is made again.
 */
export async function convertAndPublish(
  plan: Plan,
  source: Source,
  repository: string,
  options: StraightOptions,
): Promise<StraightResult> {
  const { folder, maxDiskBytes } = options;
  await claim(folder, plan);
  const room = await DiskRoom.in(folder, maxDiskBytes ?? Number.POSITIVE_INFINITY);
  let converted: Converted = { receipts: [], made: 0 };
  const published = await withDestination(
    ofFolder(folder, plan, plan.outputBytes),
    repository,
    options,
    async (destination) => {
      const publication = await openPublication(destination);
      const steps = await SendShards.into({
        publication,
        destination,
        folder,
        plan,
        room,
        frees: maxDiskBytes !== undefined,
      });
      converted = await convertClaimed(plan, source, { ...options, signal: steps.signal }, steps);
      await options.beforeCard?.();
      const card = await cardFor(folder, plan, converted.receipts, destination.id, options);
      const shards = plan.shards.map((shard) => shard.path);
      return closePublication(publication, destination, { folder, card, shards });
    },
  );
  return { ...converted, published, peakDiskBytes: room.peak };
}
