import { listFiles } from "@huggingface/hub";
import { EtlError } from "../errors.ts";
import type { HubClient } from "./hub-client.ts";
import type { Repository } from "./repository.ts";

/** A file of a repository at one commit. `contentId` names its bytes: SHA-256 for a large file, git's blob id else. */
export interface RepositoryFile {
  readonly path: string;
  readonly byteLength: number;
  readonly contentId: string;
}

/** The commit that a revision names now; everything later is read at that commit. */
export async function pinRevision(client: HubClient, repository: Repository, signal?: AbortSignal): Promise<string> {
  const path = `api/datasets/${repository.id}/revision/${encodeURIComponent(repository.revision)}`;
  const info = await client.json<{ sha?: string; disabled?: boolean }>(path, describe(repository), signal);
  if (info.disabled)
    throw new EtlError(
      "disabled",
      `${repository.id}: the Hub has disabled this repository; use a mirror (--endpoint) or a local copy`,
    );
  if (!/^[0-9a-f]{40}$/.test(info.sha ?? ""))
    throw new EtlError(
      "server-error",
      `${repository.id}: the Hub named no commit; is ${client.options.endpoint.origin} a Hub?`,
    );
  return info.sha!;
}

/** Every file of the repository at `commit`, in order of path. */
export async function listTree(
  client: HubClient,
  id: string,
  commit: string,
  signal?: AbortSignal,
): Promise<readonly RepositoryFile[]> {
  const { endpoint, token } = client.options;
  const files: RepositoryFile[] = [];
  const listing = listFiles({
    repo: { type: "dataset", name: id },
    revision: commit,
    recursive: true,
    hubUrl: endpoint.href.replace(/\/$/, ""),
    fetch: (input, init) => client.fetch(input, { ...init, signal: signal ?? null }),
    ...(token === undefined ? {} : { accessToken: token }),
  });
  for await (const entry of listing) {
    if (entry.type !== "file") continue;
    files.push({ path: entry.path, byteLength: entry.size, contentId: entry.lfs?.oid ?? entry.oid ?? "" });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function describe({ id, revision }: Repository): string {
  return revision === "main" ? id : `${id}@${revision}`;
}
