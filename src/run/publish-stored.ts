import { EtlError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import { bringState, bringSummaries, withShardFile } from "../output/stored-state.ts";
import { closePublication, openPublication } from "../publish/publish.ts";
import type { Mirror } from "../stores/mirror.ts";
import type { ShardVerdict } from "../verify/verify.ts";
import { cardFor, ofFolder, type Published, type PublishOptions, withDestination } from "./publish.ts";
import { type Verification, verify } from "./verify.ts";

interface VerifyStoredOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onShard?: ((path: string, done: number, total: number) => void) | undefined;
  /** Given each shard that holds, while its file is here. */
  readonly onVerified?: (shard: NonNullable<ShardVerdict["verified"]>) => Promise<void>;
}

/** Reads a store's shards back, one at a time, and says what is wrong where. */
export async function verifyStored(
  mirror: Mirror,
  { onVerified, ...options }: VerifyStoredOptions = {},
): Promise<Verification> {
  const plan = await bringState(mirror);
  await bringSummaries(mirror);
  const dataFiles = [...(await mirror.sizesIn(`${mirror.folder}/data`)).keys()].map((key) => key.slice("data/".length));
  return verify(mirror.folder, {
    ...options,
    dataFiles,
    withShard: (receipt, check) =>
      withShardFile(mirror, plan, receipt, async () => {
        const verdict = await check();
        if (verdict.verified) await onVerified?.(verdict.verified);
        return verdict;
      }),
  });
}

/**
 * Publishes a finalized store: each shard is brought, verified and sent while it is here. Nothing that readers see
 * changes before all of it has held.
 */
export async function publishStored(
  mirror: Mirror,
  repository: string,
  options: PublishOptions & Pick<VerifyStoredOptions, "onShard">,
): Promise<{ readonly published: Published; readonly plan: Plan; readonly rows: number }> {
  const plan = await bringState(mirror);
  let rows = 0;
  const published = await withDestination(
    ofFolder(mirror.folder, plan, plan.outputBytes),
    repository,
    options,
    async (to) => {
      const publication = await openPublication(to);
      const { signal, onShard } = options;
      const found = await verifyStored(mirror, {
        signal,
        onShard,
        onVerified: async (shard) => void (await publication.add([shard])),
      });
      rows = found.rows;
      const [problem] = found.problems;
      if (!found.verified)
        throw new EtlError(
          "not-verified",
          `${problem?.where}: ${problem?.what} (${found.problems.length} problems; voxshard verify ${mirror.address} names all)`,
        );
      const card = await cardFor(mirror.folder, plan, found.verified.receipts, to.id, options);
      const shards = plan.shards.map((shard) => shard.path);
      return closePublication(publication, to, { folder: mirror.folder, card, shards });
    },
  );
  return { published, plan, rows };
}
