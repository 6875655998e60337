import { createHash } from "node:crypto";
import { serveBytes } from "./ranges.ts";
import { type Reply, xml } from "./reply.ts";
import { type Context, type Route, route } from "./router.ts";

export const cdnRoutes: readonly Route[] = [route("cdn", "GET", "/repos/:owner/:oid", serveObject)];

const REASONS = {
  unsigned: "Missing Key-Pair-Id query parameter or cookie value",
  altered: "The request signature we calculated does not match the signature you provided",
  expired: "Request has expired",
};

/** Serves plain bytes to whoever holds a valid URL, and knows of nothing else: no repositories, no tokens. */
function serveObject({ hub, url, headers, logged }: Context): Reply {
  const problem = hub.signer.problem(logged.url);
  if (problem) return xml(403, "AccessDenied", REASONS[problem]);
  const entry = hub.objects.get(url.pathname);
  if (!entry) return xml(404, "NoSuchKey", "The specified key does not exist");
  // Strong, stable, and not the sha256: a store's own tag is no identity.
  const etag = `"${createHash("md5").update(url.pathname).digest("hex")}"`;
  return serveBytes(entry, etag, headers, {
    "content-type": url.searchParams.get("response-content-type") ?? "application/octet-stream",
    "content-disposition": url.searchParams.get("response-content-disposition") ?? "inline",
    "last-modified": "Wed, 01 May 2024 00:00:00 GMT",
    "cache-control": "public, max-age=604800",
  });
}
