import { checkedByContentId } from "../bytes/checked.ts";
import { httpSource } from "../bytes/http/http-source.ts";
import type { Transport } from "../bytes/http/transport.ts";
import type { RetryPolicy } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";
import { HubClient } from "../hub/hub-client.ts";
import type { Repository } from "../hub/repository.ts";
import { resolveLink } from "../hub/resolve.ts";
import { listTree, pinListed, pinRevision, type RepositoryFile } from "../hub/tree.ts";
import type { Layout } from "../model/layout.ts";
import { archivesOf, type ListedFile } from "./archives.ts";
import { findSplitFile, isCandidate, noLists } from "./find-split-file.ts";
import { closeArchives, type KnownListing, type Source } from "./source.ts";

export interface HubAccess {
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
  readonly layout?: Layout;
  readonly signal?: AbortSignal | undefined;
  /** Taken for the listing, if the revision is the same commit. */
  readonly listing?: KnownListing | undefined;
  /** Looks for no split file. */
  readonly withoutLists?: boolean | undefined;
}

/** A Hub data set or one folder of it, pinned to the commit that its revision names now. Closing it closes the transport. */
export async function openHubSource(repository: Repository, access: HubAccess): Promise<Source> {
  const { transport, retry, signal, layout } = access;
  const client = new HubClient(access);
  const { revision, tree, lists: known } = await listed(client, repository, access);
  const readable = (file: RepositoryFile): ListedFile => ({
    ...file,
    bytes: httpSource({
      name: file.path,
      byteLength: file.byteLength,
      resolve: (signal) => resolveLink(client, repository.id, revision, file, signal),
      transport,
      retry,
    }),
  });
  const all = tree.map(readable);
  const { folder } = repository;
  const files = folder === undefined ? all : all.filter(({ path }) => path.startsWith(`${folder}/`));
  if (folder !== undefined && files.length === 0)
    throw new EtlError("source-not-found", `${repository.id}: has no folder ${folder}; nor is there one on this disk`);
  const sorted = await archivesOf(files, { contentId: revision, layout, signal });
  const checked = (file: ListedFile) => ({ ...file, bytes: checkedByContentId(file.bytes, file.contentId) });
  // The lists lie above the folders that they name.
  const { splitFile, unread: lists } = access.withoutLists
    ? noLists
    : (known ?? (await findSplitFile(all.map(checked), signal)));
  return {
    name: folder === undefined ? repository.id : `${repository.id}/${folder}`,
    kind: "hub",
    revision,
    ...sorted,
    unread: [...sorted.unread, ...lists],
    splitFile,
    listing: { revision, files: tree, splitFile, unread: lists },
    byteLength: files.reduce((sum, file) => sum + file.byteLength, 0),
    connections: () => transport.connections.limit,
    file: (path) => all.filter((file) => file.path === path).map(checked)[0]?.bytes,
    close: async () => {
      await closeArchives(sorted.archives);
      await transport.close();
    },
  };
}

/** The files of the commit; with a listing that is known, of one request, and with its lists where these are the same. */
async function listed(client: HubClient, repository: Repository, { listing, signal }: HubAccess) {
  if (!listing) {
    const revision = await pinRevision(client, repository, signal);
    return { revision, tree: await listTree(client, repository.id, revision, signal) };
  }
  const { commit: revision, files } = await pinListed(client, repository, signal);
  if (revision === listing.revision) return { revision, tree: listing.files, lists: listing };
  // What a server leaves out here is asked for page by page.
  const paths = new Set(files?.map(({ path }) => path));
  const isWhole = files && listing.files.every(({ path }) => paths.has(path));
  const tree = isWhole ? files : await listTree(client, repository.id, revision, signal);
  return { revision, tree, ...(tablesOf(tree) === tablesOf(listing.files) && { lists: listing }) };
}

const tablesOf = (files: readonly RepositoryFile[]) =>
  JSON.stringify(files.filter(isCandidate).map(({ path, contentId }) => [path, contentId]));
