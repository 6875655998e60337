import type { Link } from "../bytes/http/http-source.ts";
import { checkPartial } from "../bytes/http/partial.ts";
import { redirectTarget } from "../bytes/http/redirect.ts";
import type { Answer } from "../bytes/http/transport.ts";
import { withRetries } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";
import { type HubClient, MAX_HOPS } from "./hub-client.ts";
import type { Repository } from "./repository.ts";
import type { RepositoryFile } from "./tree.ts";

/** A link is used until this long before it ends, or for nine tenths of its life where that is less. */
const EXPIRY_MARGIN_MS = 60_000;

/**
 * The address of a file's bytes: one request to the resolver, its redirect kept byte for byte (it is signed) and good
 * for any number of ranges. The token goes to the endpoint's origin alone.
 */
export function resolveLink(
  client: HubClient,
  id: string,
  commit: string,
  file: RepositoryFile,
  signal?: AbortSignal,
): Promise<Link> {
  const url = client.url(`datasets/${id}/resolve/${commit}/${file.path.split("/").map(encodeURIComponent).join("/")}`);
  return withRetries(() => follow(client, url, file, signal), client.options.retry, signal);
}

/** A file of which nothing is known but its path, at the commit that the revision names now: of one request. */
export async function locate(
  client: HubClient,
  { id, revision }: Repository,
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly commit: string; readonly file: RepositoryFile; readonly link: Link }> {
  const url = client.url(`datasets/${id}/resolve/${encodeURIComponent(revision)}/${path}`);
  const { headers, byteLength, contentId, link } = await located(client, url, `${id}/${path}`, signal);
  const commit = String(headers["x-repo-commit"] ?? "");
  if (!/^[0-9a-f]{40}$/.test(commit)) throw notAHub(`${id}/${path}`);
  return { commit, file: { path, byteLength, contentId }, link };
}

/** What the resolver's answer tells of a file, of one request. */
export async function located(
  client: HubClient,
  url: URL,
  name: string,
  signal?: AbortSignal,
): Promise<Pick<RepositoryFile, "byteLength" | "contentId"> & { headers: Answer["headers"]; link: Link }> {
  const ask = async () => {
    const { body, status, headers } = await client.request(url, name, { headers: { range: "bytes=0-0" }, signal });
    body.destroy();
    const [total] = /\d+$/.exec(String(headers["content-range"] ?? "")) ?? [];
    const byteLength = Number(status < 300 ? total : headers["x-linked-size"]);
    if (!Number.isSafeInteger(byteLength)) throw notAHub(name);
    const contentId = String(headers["x-linked-etag"] ?? headers["etag"] ?? "").replace(/^W\/|"/g, "");
    const at = status < 300 ? url : redirectTarget(headers["location"], url, name);
    const link = { url: at, headers: authorization(client, at), useUntilMs: useUntil(at) };
    return { headers, byteLength, contentId, link };
  };
  return withRetries(ask, client.options.retry, signal);
}

const notAHub = (name: string) =>
  new EtlError("server-error", `${name}: the answer tells no size or no commit; is it a Hub?`);

async function follow(client: HubClient, from: URL, file: RepositoryFile, signal?: AbortSignal): Promise<Link> {
  let url = from;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const answer = await client.request(url, file.path, { headers: { range: "bytes=0-0" }, signal });
    answer.body.destroy();
    if (answer.status < 300) {
      // Served by the Hub itself; a page put in its place must not be taken for the file.
      checkPartial(answer, { start: 0, end: 1 }, file.byteLength, file.path);
      return { url, headers: authorization(client, url), useUntilMs: useUntil(url) };
    }
    pinned(file, answer.headers);
    url = redirectTarget(answer.headers["location"], url, file.path);
    if (url.origin !== client.options.endpoint.origin) return { url, headers: {}, useUntilMs: useUntil(url) };
  }
  throw new EtlError("server-error", `${file.path}: the Hub redirects in a circle`);
}

function pinned(file: RepositoryFile, headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const size = headers["x-linked-size"];
  if (size !== undefined && Number(size) !== file.byteLength)
    throw new EtlError(
      "source-changed",
      `${file.path}: has ${size} bytes now, ${file.byteLength} when listed; start again`,
    );
  const etag = String(headers["x-linked-etag"] ?? "").replace(/^W\/|"/g, "");
  if (etag !== "" && etag !== file.contentId)
    throw new EtlError("source-changed", `${file.path}: its content has changed since it was listed; start again`);
}

/** Signed links name their end in `Expires` (seconds); where they do not, only a 403 tells. */
function useUntil(url: URL): number {
  const expires = Number(url.searchParams.get("Expires") ?? Number.NaN) * 1000;
  const life = expires - Date.now();
  // A new link that has ended already tells of a clock that is wrong.
  if (Number.isNaN(expires) || life <= 0) return Number.POSITIVE_INFINITY;
  return expires - Math.min(EXPIRY_MARGIN_MS, life / 10);
}

function authorization(client: HubClient, url: URL): Record<string, string> {
  const { endpoint, token } = client.options;
  return token !== undefined && url.origin === endpoint.origin ? { authorization: `Bearer ${token}` } : {};
}
