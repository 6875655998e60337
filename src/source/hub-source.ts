import { checkedByContentId } from "../bytes/checked.ts";
import { httpSource } from "../bytes/http/http-source.ts";
import type { Transport } from "../bytes/http/transport.ts";
import type { RetryPolicy } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";
import { HubClient } from "../hub/hub-client.ts";
import type { Repository } from "../hub/repository.ts";
import { resolveLink } from "../hub/resolve.ts";
import { listTree, pinRevision, type RepositoryFile } from "../hub/tree.ts";
import type { Layout } from "../model/layout.ts";
import { archivesOf, type ListedFile } from "./archives.ts";
import { findSplitFile } from "./find-split-file.ts";
import { closeArchives, type Source } from "./source.ts";

export interface HubAccess {
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
  readonly layout?: Layout;
  readonly signal?: AbortSignal | undefined;
}

/** A Hub data set or one folder of it, pinned to the commit that its revision names now. Closing it closes the transport. */
export async function openHubSource(repository: Repository, access: HubAccess): Promise<Source> {
  const { transport, retry, signal, layout } = access;
  const client = new HubClient(access);
  const revision = await pinRevision(client, repository, signal);
  const tree = await listTree(client, repository.id, revision, signal);
  const listed = (file: RepositoryFile): ListedFile => ({
    ...file,
    bytes: httpSource({
      name: file.path,
      byteLength: file.byteLength,
      resolve: (signal) => resolveLink(client, repository.id, revision, file, signal),
      transport,
      retry,
    }),
  });
  const all = tree.map(listed);
  const { folder } = repository;
  const files = folder === undefined ? all : all.filter(({ path }) => path.startsWith(`${folder}/`));
  if (folder !== undefined && files.length === 0)
    throw new EtlError("source-not-found", `${repository.id}: has no folder ${folder}; nor is there one on this disk`);
  const sorted = await archivesOf(files, { contentId: revision, layout, signal });
  const checked = (file: ListedFile) => ({ ...file, bytes: checkedByContentId(file.bytes, file.contentId) });
  // The lists lie above the folders that they name.
  const { splitFile, unread: lists } = await findSplitFile(all.map(checked), signal);
  return {
    name: folder === undefined ? repository.id : `${repository.id}/${folder}`,
    kind: "hub",
    revision,
    ...sorted,
    unread: [...sorted.unread, ...lists],
    splitFile,
    byteLength: files.reduce((sum, file) => sum + file.byteLength, 0),
    connections: () => transport.connections.limit,
    file: (path) => all.filter((file) => file.path === path).map(checked)[0]?.bytes,
    close: async () => {
      await closeArchives(sorted.archives);
      await transport.close();
    },
  };
}
