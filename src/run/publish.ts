import { EtlError } from "../errors.ts";
import { type Card, parseCard } from "../hub/card.ts";
import { type HubAccessOptions, withHub } from "../hub/hub-access.ts";
import type { HubClient } from "../hub/hub-client.ts";
import { repositoryId } from "../hub/repository.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { VerifiedFolder } from "../model/verified.ts";
import { cardFacts } from "../output/finalize.ts";
import { sourceCard } from "../output/source-card.ts";
import { dataSetCard } from "../publish/card.ts";
import { type Destination, publishFolder } from "../publish/publish.ts";
import { viewerNote } from "../publish/viewer-note.ts";

export interface PublishProgress {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly shards: number;
  readonly totalShards: number;
}
export interface PublishOptions extends HubAccessOptions {
  /** For everyone to see; private else. */
  readonly public?: boolean | undefined;
  /** The user's word that they may give a public copy, where the source does not plainly say so. */
  readonly hasRight?: boolean | undefined;
  /** The user's own README; its `configs` and `dataset_info` are replaced. */
  readonly card?: string | undefined;
  readonly onProgress?: ((progress: PublishProgress) => void) | undefined;
  readonly onNote?: ((line: string) => void) | undefined;
}
export interface Published {
  readonly repository: string;
  readonly url: string;
  /** The commit at which the data set is what the folder is. */
  readonly commit: string;
  /** Commits made by this call; 0 when nothing had changed. */
  readonly commits: number;
  readonly sent: { readonly files: number; readonly bytes: number };
  readonly deleted: number;
}

/** Makes a Hub data set of a folder that `verify` has passed. Stopped anywhere, the same call goes on where it stopped. */
export async function publish(
  folder: VerifiedFolder,
  repository: string,
  options: PublishOptions = {},
): Promise<Published> {
  const total = folder.shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  return withDestination(ofFolder(folder.folder, folder.plan, total), repository, options, async (destination) => {
    const card = await cardFor(folder.folder, folder.plan, folder.receipts, destination.id, options);
    return publishFolder(folder, card, destination);
  });
}

/** What is going to be sent. */
export interface Sending {
  readonly sourceCard: (client: HubClient) => Promise<Card | undefined>;
  readonly totalBytes: number;
  readonly totalShards: number;
}

/** A conversion's folder. */
export function ofFolder(folder: string, plan: Plan, totalBytes: number): Sending {
  return { sourceCard: (client) => sourceCard(client, folder, plan), totalBytes, totalShards: plan.shards.length };
}

/** Runs `work` with the destination that the options name, and closes what it opened. */
export async function withDestination(
  { sourceCard, totalBytes, totalShards }: Sending,
  repository: string,
  options: PublishOptions,
  work: (destination: Destination) => Promise<Omit<Published, "repository" | "url">>,
): Promise<Published> {
  const id = repositoryId(repository);
  if (options.card !== undefined) checkCard(options.card);
  const progress = { bytes: 0, totalBytes, shards: 0, totalShards };
  return withHub(options, async (client) => {
    const done = await work({
      client,
      id,
      isPublic: options.public ?? false,
      hasRight: options.hasRight ?? false,
      source: await sourceCard(client),
      signal: options.signal,
      onNote: options.onNote,
      onProgress: (bytes, shards) => {
        progress.bytes += bytes;
        progress.shards += shards;
        options.onProgress?.(progress);
      },
    });
    return { repository: id, url: client.url(`datasets/${id}`).href, ...done };
  });
}

/** The card of a finalized folder as it is published; whether the Hub's viewer shows its rows is said on the way. */
export async function cardFor(
  folder: string,
  plan: Plan,
  receipts: readonly Receipt[],
  id: string,
  { card, onNote }: Pick<PublishOptions, "card" | "onNote"> = {},
): Promise<string> {
  const facts = await cardFacts(folder, plan, receipts);
  const note = viewerNote(facts.shards, plan.output);
  if (note !== undefined) onNote?.(note);
  return dataSetCard(facts, id, card);
}

function checkCard(text: string): void {
  try {
    parseCard(text);
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    throw new EtlError("usage", `--card: its YAML cannot be read: ${line}`, error);
  }
}
