import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { FaultAction } from "./faults.ts";
import { json, type Reply, text, xml } from "./reply.ts";
import type { Wire } from "./wire.ts";

export interface FaultSite {
  /** The request's own headers: a fault may take some away before the route sees them. */
  readonly headers: IncomingHttpHeaders;
  /** Path and query of the request. */
  readonly url: string;
  readonly origin: string;
  readonly third: string;
  readonly rateLimit: (seconds: number) => Record<string, string>;
  readonly moveBranch: (repo: string | undefined) => void;
}

/** What happens before the route runs; a reply here is instead of the route's. */
export function applyBefore(fault: FaultAction, site: FaultSite, wire: Wire): Reply | undefined {
  if (fault.kind === "rate-limit") return rateLimited(fault, site);
  if (fault.kind === "status" && !fault.after) return failed(fault.status, fault.headers);
  if (fault.kind === "expired") return xml(403, "AccessDenied", "Request has expired");
  if (fault.kind === "html") return text("<!doctype html><html><body>Please sign in</body></html>", "text/html");
  if (fault.kind === "ignore-range") delete site.headers.range;
  if (fault.kind === "move-branch") site.moveBranch(fault.repo);
  if (fault.kind === "stall" && fault.at === undefined) wire.headersAfterMs = fault.ms ?? Number.POSITIVE_INFINITY;
  if (fault.kind === "reset" && fault.at === undefined) wire.resetAtOnce = true;
  if (fault.kind === "hang-up") wire.intake = { resetAt: fault.at };
  if (fault.kind === "deaf") wire.intake = { deafAt: fault.at };
  if (fault.kind === "sip") wire.intake = { everyMs: fault.everyMs };
  return undefined;
}

/** What becomes of the route's answer. */
export async function applyAfter(fault: FaultAction, reply: Reply, site: FaultSite, wire: Wire): Promise<Reply> {
  switch (fault.kind) {
    case "status":
      return fault.after ? failed(fault.status, fault.headers) : reply;
    case "truncate":
      if (!fault.length) delete reply.headers["content-length"];
      wire.cut = { at: fault.at, how: fault.length ? "close" : "end" };
      return reply;
    case "reset":
      if (fault.at !== undefined) wire.cut = { at: fault.at, how: "reset" };
      return reply;
    case "stall":
      if (fault.at !== undefined) wire.stall = { at: fault.at, ms: fault.ms ?? Number.POSITIVE_INFINITY };
      return reply;
    case "drip":
      wire.drip = { bytes: fault.bytes, everyMs: fault.everyMs };
      return reply;
    case "flip":
      wire.flip = { at: fault.offset - startOf(reply), bit: fault.bit ?? 0 };
      return reply;
    case "custom":
      return fault.reply(reply);
    case "redirect":
      return redirected(fault.to, reply, site);
    case "gzip":
      return gzipped(reply);
    default:
      return withHeaders(fault, reply);
  }
}

function withHeaders(fault: FaultAction, reply: Reply): Reply {
  const { headers } = reply;
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers["content-range"] ?? "");
  const [start = 0, last = 0, total = 0] = range?.slice(1).map(Number) ?? [];
  if (fault.kind === "content-range" && range) {
    const shift = fault.shift ?? 0;
    headers["content-range"] = `bytes ${start + shift}-${last + shift}/${fault.total ?? total}`;
  }
  if (fault.kind === "headers")
    for (const [name, value] of Object.entries(fault.set)) {
      if (value === null) delete headers[name.toLowerCase()];
      else headers[name.toLowerCase()] = value;
    }
  if (fault.kind === "changed") {
    const grow = fault.grow ?? 0;
    for (const name of ["etag", "x-linked-etag"])
      if (headers[name]) headers[name] = [...headers[name]].reverse().join("");
    if (headers["x-linked-size"]) headers["x-linked-size"] = `${Number(headers["x-linked-size"]) + grow}`;
    if (range) headers["content-range"] = `bytes ${start}-${last}/${total + grow}`;
  }
  return reply;
}

function rateLimited(fault: FaultAction & { kind: "rate-limit" }, site: FaultSite): Reply {
  const [seconds, tell] = [fault.seconds ?? 1, fault.tell ?? "ratelimit"];
  const reply = json({ error: "We had to rate limit you, you hit the quota of requests per 5 minutes period." }, 429);
  // An empty value takes the header of an ordinary answer away.
  Object.assign(reply.headers, { ratelimit: "", "ratelimit-policy": "" });
  if (tell === "ratelimit") Object.assign(reply.headers, site.rateLimit(seconds));
  if (tell === "retry-after") reply.headers["retry-after"] = `${seconds}`;
  return reply;
}

function failed(status: number, headers: Record<string, string> = {}): Reply {
  return json({ error: `Injected fault: ${status}` }, status, headers);
}

/** Keeps path and query of where the answer pointed, or else of the request. */
function redirected(to: string, reply: Reply, site: FaultSite): Reply {
  // Another fault has refused the request already: it is not sent on.
  if (reply.status >= 400) return reply;
  const own = new URL(reply.headers["location"] ?? site.url, site.origin);
  const location =
    to === "loop" ? `${site.origin}${site.url}` : to === "third" ? `${site.third}${own.pathname}${own.search}` : to;
  const { "content-range": _, ...headers } = reply.headers;
  return { status: 302, headers: { ...headers, "content-length": "0", location } };
}

function gzipped(reply: Reply): Reply {
  const { body } = reply;
  if (body === undefined) return reply;
  const { "content-length": _, ...headers } = reply.headers;
  const open = () => (Buffer.isBuffer(body) ? Readable.from([body]) : body());
  return {
    status: reply.status,
    headers: { ...headers, "content-encoding": "gzip" },
    body: () => open().pipe(createGzip()),
  };
}

function startOf(reply: Reply): number {
  return Number(/^bytes (\d+)-/.exec(reply.headers["content-range"] ?? "")?.[1] ?? 0);
}
