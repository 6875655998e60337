import { hubFile } from "../hub/download.ts";
import type { HubClient } from "../hub/hub-client.ts";
import type { Repository } from "../hub/repository.ts";
import { listTree, pinRevision } from "../hub/tree.ts";
import { INDEX, SHARD, type Viewed } from "./viewed.ts";

/** A data set on the Hub that holds our shards; undefined where it holds something else. The token stays in this process. */
export async function openHubShards(
  client: HubClient,
  repository: Repository,
  signal?: AbortSignal,
): Promise<Viewed | undefined> {
  const { id } = repository;
  const commit = await pinRevision(client, repository, signal);
  const tree = (await listTree(client, id, commit, signal)).filter(({ path }) => path === INDEX || SHARD.test(path));
  if (!tree.some(({ path }) => path === INDEX)) return undefined;
  const sources = new Map(tree.map((file) => [file.path, hubFile(client, id, commit, file)]));
  const files = Object.fromEntries(tree.map(({ path, byteLength }) => [path, byteLength]));
  return {
    info: { title: id, revision: commit, kind: "shards", base: "files/", files, notes: [] },
    file: (path) => sources.get(path),
    close: async () => {},
  };
}
