import type { Link } from "../bytes/http.ts";
import { EtlError } from "../errors.ts";
import type { HubClient } from "./hub-client.ts";
import type { RepositoryFile } from "./tree.ts";

/** Hops from the resolver to the bytes; the Hub takes one or two. */
const MAX_HOPS = 4;
/** A link is used until this long before it ends, or for nine tenths of its life where that is less. */
const EXPIRY_MARGIN_MS = 60_000;

/**
 * The address of a file's bytes: one request to the resolver, its redirect kept byte for byte (it is signed) and good
 * for any number of ranges. The token goes to the endpoint's origin alone.
 */
export async function resolveLink(
  client: HubClient,
  id: string,
  commit: string,
  file: RepositoryFile,
  signal?: AbortSignal,
): Promise<Link> {
  const { endpoint } = client.options;
  let url = client.url(`datasets/${id}/resolve/${commit}/${file.path.split("/").map(encodeURIComponent).join("/")}`);
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const answer = await client.request(url, file.path, { headers: { range: "bytes=0-0" }, signal });
    answer.body.destroy();
    if (answer.status < 300) return { url, headers: authorization(client, url), useUntilMs: useUntil(url) };
    pinned(file, answer.headers);
    url = redirectTarget(answer.headers["location"], url, file.path);
    if (url.origin !== endpoint.origin) return { url, headers: {}, useUntilMs: useUntil(url) };
  }
  throw new EtlError("wrong-range", `${file.path}: the Hub redirects in a circle`);
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

function redirectTarget(location: string | string[] | undefined, from: URL, path: string): URL {
  if (typeof location !== "string") throw new EtlError("wrong-range", `${path}: the Hub redirects to nowhere`);
  const target = new URL(location, from);
  if (target.protocol !== "https:" && target.protocol !== from.protocol)
    throw new EtlError("wrong-range", `${path}: the Hub redirects to ${target.protocol}//, which is less safe`);
  return target;
}

/** Signed links name their end in `Expires` (seconds); where they do not, only a 403 tells. */
function useUntil(url: URL): number {
  const expires = Number(url.searchParams.get("Expires") ?? Number.NaN) * 1000;
  if (Number.isNaN(expires)) return Number.POSITIVE_INFINITY;
  return expires - Math.min(EXPIRY_MARGIN_MS, Math.max(0, expires - Date.now()) / 10);
}

function authorization(client: HubClient, url: URL): Record<string, string> {
  const { endpoint, token } = client.options;
  return token !== undefined && url.origin === endpoint.origin ? { authorization: `Bearer ${token}` } : {};
}
