import { randomBytes } from "node:crypto";
import { json, Refusal, type Reply, text } from "../reply.ts";
import { cdnUrl } from "../resolve-routes.ts";
import { type Context, type Route, route } from "../router.ts";
import { bucketFor, writableBucket } from "./bucket.ts";

/** Ways to a bucket's bytes: plain ones of the CDN, and tokens for the storage that they lie in. */
export const bucketBytesRoutes: readonly Route[] = [
  route("bucket-resolve", "GET", "/buckets/:owner/:name/resolve/*", resolve),
  route("xet-read-token", "GET", "/api/buckets/:owner/:name/xet-read-token", (context) => {
    bucketFor(context);
    return token(context, "read");
  }),
  route("xet-write-token", "GET", "/api/buckets/:owner/:name/xet-write-token", (context) => {
    writableBucket(context);
    return token(context, "write");
  }),
];

const INFO_TYPE = "application/vnd.xet-fileinfo+json";

function resolve(context: Context): Reply {
  const { hub, params, headers: asked } = context;
  const { id, files } = bucketFor(context);
  const path = params["rest"]!;
  const file = files.get(path);
  if (!file) throw new Refusal(404, `Entry not found: ${path}`, "EntryNotFound");
  const { xetHash, size } = file;
  const auth = `<${hub.endpoint}/api/buckets/${id}/xet-read-token>; rel="xet-auth"`;
  const headers = {
    "accept-ranges": "bytes",
    "x-linked-size": `${size}`,
    "x-linked-etag": `"${xetHash}"`,
    etag: `"${xetHash}"`,
    "x-xet-hash": xetHash,
    link: `${auth}, <${hub.cdn}/v2/reconstructions/${xetHash}>; rel="xet-reconstruction-info"`,
  };
  if (asked.accept?.includes(INFO_TYPE)) return text(JSON.stringify({ hash: xetHash, size }), INFO_TYPE, 200, headers);
  const open = (start: number, end: number) => hub.cas.open(xetHash, start, end);
  const location = cdnUrl(hub, id, { path, size, oid: xetHash, open }, xetHash);
  return text(`Found. Redirecting to ${location}`, "text/plain; charset=utf-8", 302, { location, ...headers });
}

const TOKEN_SECONDS = 3600;

function token({ hub }: Context, may: "read" | "write"): Reply {
  const accessToken = `xet_${randomBytes(16).toString("hex")}`;
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
  hub.xetTokens.set(accessToken, { may, untilMs: exp * 1000 });
  // Some clients read the body, some the headers.
  return json({ accessToken, exp, casUrl: hub.cdn }, 200, {
    "x-xet-access-token": accessToken,
    "x-xet-token-expiration": `${exp}`,
    "x-xet-cas-url": hub.cdn,
  });
}
