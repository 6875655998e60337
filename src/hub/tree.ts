import type { ListFileEntry } from "@huggingface/hub";
import { EtlError, isFault } from "../errors.ts";
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
  return (await pinAndList(client, repository, "", signal)).commit;
}

/** The same with all its files, of one request; undefined where the server does not tell their sizes there. */
export async function pinListed(
  client: HubClient,
  repository: Repository,
  signal?: AbortSignal,
): Promise<{ readonly commit: string; readonly files: readonly RepositoryFile[] | undefined }> {
  return pinAndList(client, repository, "?blobs=true", signal);
}

interface Info {
  readonly sha?: unknown;
  readonly disabled?: unknown;
  readonly siblings?: readonly Sibling[];
}
interface Sibling {
  readonly rfilename?: string;
  readonly size?: number;
  readonly blobId?: string;
  readonly lfs?: { readonly sha256?: string };
}

async function pinAndList(client: HubClient, repository: Repository, query: string, signal?: AbortSignal) {
  const path = `api/datasets/${repository.id}/revision/${encodeURIComponent(repository.revision)}${query}`;
  const info = await client.json<Info | null>(path, describe(repository), signal);
  if (info?.disabled)
    throw new EtlError(
      "disabled",
      `${repository.id}: the Hub has disabled this repository; use a mirror (--endpoint) or a local copy`,
    );
  const commit = info?.sha;
  if (typeof commit !== "string" || !/^[0-9a-f]{40}$/.test(commit))
    throw new EtlError(
      "server-error",
      `${repository.id}: the Hub named no commit; is ${client.options.endpoint.origin} a Hub?`,
    );
  const siblings = query !== "" && Array.isArray(info?.siblings) ? info.siblings : [];
  const isWhole =
    siblings.length > 0 && siblings.length <= MAX_FILES && siblings.every((one) => one?.size !== undefined);
  const files = isWhole ? siblings.map((one) => fileOf(one, repository.id)) : undefined;
  return { commit, files: files?.sort(byPath) };
}

function fileOf({ rfilename, size, blobId, lfs }: Sibling, id: string): RepositoryFile {
  const entry = { path: rfilename, size, oid: blobId, ...(lfs?.sha256 && { lfs: { oid: lfs.sha256 } }) };
  return checkedFile(entry as Partial<ListFileEntry>, id);
}

const byPath = (a: RepositoryFile, b: RepositoryFile) => (a.path < b.path ? -1 : 1);

/** Every file of the repository at `commit`, in order of path. */
export function listTree(
  client: HubClient,
  id: string,
  commit: string,
  signal?: AbortSignal,
): Promise<readonly RepositoryFile[]> {
  return listAll(client, { repo: { type: "dataset", name: id }, revision: commit }, id, signal);
}

/** Every file there, at any depth, in order of path; a folder's name is given as URLs have it. */
export async function listAll(
  client: HubClient,
  place: Pick<Parameters<typeof import("@huggingface/hub").listFiles>[0], "repo" | "revision" | "path">,
  id: string,
  signal?: AbortSignal,
): Promise<readonly RepositoryFile[]> {
  const { endpoint, token } = client.options;
  const files = new Map<string, RepositoryFile>();
  const folders = new Set<string>();
  const advances = pageGuard(id, () => files.size + folders.size);
  const { listFiles } = await import("@huggingface/hub");
  const listing = listFiles({
    ...place,
    recursive: true,
    hubUrl: endpoint.href.replace(/\/$/, ""),
    fetch: async (input, init) => {
      const page = ownPage(input, endpoint, id);
      advances(page);
      return client.fetch(page, { ...init, signal: signal ?? null });
    },
    ...(token === undefined ? {} : { accessToken: token }),
  });
  const entries = listing[Symbol.asyncIterator]();
  for (;;) {
    const { done, value: entry } = await entries.next().catch((error) => {
      if (isFault(error) || signal?.aborted) throw error;
      // What the library says of an answer that is no listing.
      throw new EtlError("server-error", `${id}: the answer is not a listing of files: ${error.message}`, error);
    });
    if (done) return [...files.values()].sort(byPath);
    if (entry?.type === "directory") {
      folders.add(entry.path);
      continue;
    }
    const file = checkedFile(entry, id);
    // Some mirrors name a file twice where two pages meet.
    if (!files.has(file.path)) files.set(file.path, file);
    if (files.size + folders.size > MAX_FILES)
      throw new EtlError("limit-exceeded", `${id}: more than ${MAX_FILES} files; no such data set is read`);
  }
}

/** Throws at a page that was asked for before, or that follows on one without anything new: it would go on for ever. */
function pageGuard(id: string, seen: () => number): (page: URL) => void {
  const pages = new Set<string>();
  let before = -1;
  return ({ href }) => {
    if (pages.has(href) || seen() === before)
      throw new EtlError("server-error", `${id}: the listing of its files goes round in a circle; is it a Hub?`);
    pages.add(href);
    before = seen();
  };
}

/** The real data set has 6,215; the Hub advises against more than 100,000. */
export const MAX_FILES = 500_000;

/** A page of the listing; one elsewhere is no part of it. */
function ownPage(input: string | URL | globalThis.Request, endpoint: URL, id: string): URL {
  const url = new URL(input instanceof globalThis.Request ? input.url : input);
  if (url.origin === endpoint.origin) return url;
  throw new EtlError("server-error", `${id}: the listing of its files goes on at ${url.origin}, another server`);
}

/** No path that git could hold leads out of its repository. */
function checkedFile(entry: Partial<ListFileEntry> | undefined, id: string): RepositoryFile {
  const { path, size, oid = "", lfs } = Object(entry) as Partial<ListFileEntry>;
  const contentId = lfs?.oid ?? oid;
  const isPath = typeof path === "string" && !path.split("/").some((name) => /^\.{0,2}$/.test(name) || /\0/.test(name));
  if (isPath && Number.isSafeInteger(size) && size! >= 0 && typeof contentId === "string")
    return { path, byteLength: size!, contentId };
  const shown = JSON.stringify(path)?.slice(0, 100);
  throw new EtlError("server-error", `${id}: lists ${shown} of ${size} bytes, which is not a file; is it a Hub?`);
}

function describe({ id, revision }: Repository): string {
  return revision === "main" ? id : `${id}@${revision}`;
}
