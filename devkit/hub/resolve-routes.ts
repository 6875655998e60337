import { createHash } from "node:crypto";
import { contentType, serveBytes } from "./ranges.ts";
import { Refusal, type Reply, text } from "./reply.ts";
import { type Context, type Route, route } from "./router.ts";
import type { Entry, Snapshot } from "./snapshot.ts";
import { type HubState, repoFor } from "./state.ts";

export const resolveRoutes: readonly Route[] = [
  route("resolve", "GET", "/datasets/:owner/:name/resolve/:rev/*", resolve),
  route("resolve-cache", "GET", "/api/resolve-cache/datasets/:owner/:name/:rev/*", resolveCache),
];

/**
 * LFS files are redirected to the CDN. Small ones are redirected to the resolve cache by a relative Location, as most of the
 * real Hub's are, except dot files: those are answered at once, so that both ways are in use in every repository.
 */
function resolve(context: Context): Reply {
  const repo = repoFor(context, "content");
  const [snapshot, entry] = find(context, repo.at(context.params["rev"]!));
  const common = { "x-repo-commit": snapshot.sha, "accept-ranges": "bytes" };
  if (entry.lfs) {
    const location = cdnUrl(context.hub, repo.id, entry, entry.lfs.sha256);
    const etag = `"${entry.lfs.sha256}"`;
    const headers = { location, ...common, "x-linked-size": `${entry.size}`, "x-linked-etag": etag, etag };
    return text(`Found. Redirecting to ${location}`, "text/plain; charset=utf-8", 302, {
      ...headers,
      vary: "Origin, Accept",
    });
  }
  if (/(?:^|\/)\.[^/]*$/.test(entry.path)) return small(context, snapshot, entry);
  const encoded = entry.path.split("/").map(encodeURIComponent).join("/");
  const location = `/api/resolve-cache/datasets/${repo.id}/${snapshot.sha}/${encoded}?etag=%22${entry.oid}%22`;
  const headers = { location, ...common, "x-linked-size": `${entry.size}`, etag: `"${entry.oid}"` };
  return text(`Temporary Redirect. Redirecting to ${location}`, "text/plain; charset=utf-8", 307, headers);
}

function resolveCache(context: Context): Reply {
  const repo = repoFor(context, "content");
  return small(context, ...find(context, repo.at(context.params["rev"]!)));
}

function find(context: Context, snapshot: Snapshot): [Snapshot, Entry] {
  const path = context.params["rest"]!;
  const entry = snapshot.entries.get(path);
  if (entry) return [snapshot, entry];
  throw new Refusal(404, `Entry not found: ${path}`, "EntryNotFound", { "x-repo-commit": snapshot.sha });
}

function small(context: Context, snapshot: Snapshot, entry: Entry): Reply {
  return serveBytes(entry, `"${entry.oid}"`, context.headers, {
    "x-repo-commit": snapshot.sha,
    "content-type": contentType(entry.path),
    "content-disposition": disposition(entry.path),
  });
}

/** A signed URL for an object of a large file; the query belongs to what is signed. */
export function cdnUrl(hub: HubState, repoId: string, entry: Entry, object: string): string {
  const owner = createHash("md5").update(repoId).digest("hex").slice(0, 24);
  const path = `/repos/${owner}/${object}`;
  hub.objects.set(path, entry);
  const named = encode(disposition(entry.path));
  const query = `response-content-disposition=${named}&response-content-type=${encode(contentType(entry.path))}`;
  return hub.signer.sign(hub.cdn, `${path}?${query}`, hub.urlTtlSeconds);
}

/** As URL parsers write queries: an apostrophe they would encode, and so break the signature. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("'", "%27");
}

function disposition(path: string): string {
  const name = path.split("/").at(-1)!;
  return `inline; filename*=UTF-8''${encodeURIComponent(name)}; filename="${name.replace(/[^\x20-\x7e]|"/g, "_")}";`;
}
