import path from "node:path";
import { EtlError } from "../errors.ts";
import type { Card } from "../hub/card.ts";
import { cardFaults, createRepository, repositoryState, tokenOf } from "../hub/create.ts";
import type { HubClient } from "../hub/hub-client.ts";
import type { VerifiedFolder } from "../model/verified.ts";
import { type Done, Publication } from "./publication.ts";
import { whyNotPublic } from "./rights.ts";

export interface Destination {
  readonly client: HubClient;
  /** `owner/name`. */
  readonly id: string;
  /** Whether everyone may see it; a data set of one's own is private else. */
  readonly isPublic: boolean;
  /** The user's word that a public copy is theirs to give. */
  readonly hasRight: boolean;
  /** The source's card; undefined where it cannot be read. */
  readonly source: Card | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number, shards: number) => void) | undefined;
  /** Told of what the Hub only warns of. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** Makes the data set where it is not there, and starts to publish into it; refuses what the source does not allow. */
export async function openPublication(destination: Destination): Promise<Publication> {
  const { client, id, isPublic, hasRight, source, signal, onNote } = destination;
  tokenOf(client);
  const there = await repositoryState(client, id, signal);
  if (there && !there.isPrivate && !isPublic)
    throw new EtlError("usage", `${id}: is already public; add --public to publish there anyway`);
  if (there?.isPrivate && isPublic)
    onNote?.(`${id} exists and stays private; its settings on the Hub can make it public`);
  const why = isPublic ? whyNotPublic(source) : undefined;
  if (why !== undefined && !hasRight)
    throw new EtlError(
      "not-allowed",
      `${id}: not published, since ${why}; leave out --public, or add --i-have-the-right-to-publish if you have it`,
    );
  if (!there) await createRepository(client, id, !isPublic, signal);
  return Publication.open(destination);
}

/** Ends a publication: the card is checked by the Hub, then everything is switched to in one commit. */
export async function closePublication(
  publication: Publication,
  destination: Destination,
  final: { readonly folder: string; readonly card: string; readonly shards: readonly string[] },
): Promise<Done> {
  await checkOnHub(destination, final.card);
  const files = ["index.parquet", "rejects.jsonl"].map((name) => ({ path: name, file: path.join(final.folder, name) }));
  return publication.finish({ ...final, files });
}

async function checkOnHub({ client, signal, onNote }: Destination, card: string): Promise<void> {
  const { errors, warnings } = await cardFaults(client, card, signal);
  if (errors.length > 0) throw new EtlError("usage", `the Hub refuses the card: ${errors.join("; ")}; correct --card`);
  for (const warning of warnings) onNote?.(`the Hub on the card: ${warning}`);
}

/** What is published of a folder besides shards. */
export interface Coordinates {
  /** What messages and the commit call it. */
  readonly what: "a recipe" | "an index";
  readonly card: string;
  readonly names: readonly string[];
}
/** Files that a recipe may have, so that those of an older one go. */
const OF_RECIPE = /^clusters\.jsonl$/;

/** Publishes a recipe or an index in one commit, into a data set of its own: where shards lie, it would take their place. */
export async function publishCoordinates(
  folder: string,
  { what, card, names }: Coordinates,
  destination: Destination,
): Promise<Done> {
  const publication = await openPublication(destination);
  const other = publication.otherThan(names, OF_RECIPE);
  if (other !== undefined)
    throw new EtlError(
      "cannot-write",
      `${destination.id}: holds ${other}; ${what} wants a data set of its own, choose another name`,
    );
  await checkOnHub(destination, card);
  const files = names.map((name) => ({ path: name, file: path.join(folder, name) }));
  return publication.finish({ card, files, shards: [], owned: OF_RECIPE, title: `Publish ${what} and its card` });
}

/** Publishes a folder in which everything held: what is there already is not sent, and no change is no commit. */
export async function publishFolder(folder: VerifiedFolder, card: string, destination: Destination): Promise<Done> {
  const publication = await openPublication(destination);
  await publication.add(folder.shards);
  const shards = folder.shards.map((shard) => shard.path);
  return closePublication(publication, destination, { folder: folder.folder, card, shards });
}
