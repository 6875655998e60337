import type { FaultAction } from "../../../devkit/hub/hub.ts";
import type { FaultKind } from "../../../src/errors.ts";
import type { ProxyFault } from "./proxy.ts";

/** Routes of the Hub that reading uses, in the order in which a run comes to them; see the miniature Hub's log. */
export const routes = ["revision", "tree", "resolve", "resolve-cache", "cdn"] as const;
export type RouteName = (typeof routes)[number];

/** What the reader does. All but the last two end in the very bytes of a run that nothing disturbed. */
export type Reaction =
  | "read on"
  | "retry"
  | "wait, retry"
  | "resume"
  | "re-resolve"
  | "read again"
  | { readonly reject: string }
  | { readonly stop: FaultKind };

export interface FaultRow {
  readonly name: string;
  readonly do: FaultAction;
  /** One request (of the cdn two: an archive's directory, and data), those named, or all. */
  readonly strikes: "once" | "always" | readonly number[];
  /** Where it strikes: by route what the reader does about it. */
  readonly on: Readonly<Partial<Record<RouteName, Reaction>>>;
}

function everywhere(reaction: Reaction, but: FaultRow["on"] = {}): FaultRow["on"] {
  return { ...Object.fromEntries(routes.map((name) => [name, reaction])), ...but };
}
const stop = (kind: FaultKind): Reaction => ({ stop: kind });

/** A redirect needs no body; the breaking of one goes unnoticed. */
const bodyless = { resolve: "read on" } as const;
const resumed = { ...bodyless, "resolve-cache": "resume", cdn: "resume" } as const;

const limited: FaultRow[] = [
  {
    name: "429, `RateLimit: …;r=0;t=7`",
    do: { kind: "rate-limit", seconds: 7, tell: "ratelimit" },
    strikes: "once",
    on: everywhere("wait, retry"),
  },
  {
    name: "429, `Retry-After: 7`",
    do: { kind: "rate-limit", seconds: 7, tell: "retry-after" },
    strikes: "once",
    on: everywhere("wait, retry"),
  },
  {
    name: "429 that does not say how long",
    do: { kind: "rate-limit", tell: "nothing" },
    strikes: "once",
    on: everywhere("retry"),
  },
  {
    name: "429 without end",
    do: { kind: "rate-limit", seconds: 7 },
    strikes: "always",
    on: everywhere(stop("rate-limited")),
  },
  {
    name: "429 for two hours",
    do: { kind: "rate-limit", seconds: 7200 },
    strikes: "always",
    on: everywhere(stop("rate-limited")),
  },
];

const failing: FaultRow[] = [
  ...[500, 502, 503, 504].map(
    (status): FaultRow => ({
      name: `${status}`,
      do: { kind: "status", status },
      strikes: "once",
      on: everywhere("retry"),
    }),
  ),
  {
    name: "503 without end",
    do: { kind: "status", status: 503 },
    strikes: "always",
    on: everywhere(stop("server-error")),
  },
];

const broken: FaultRow[] = [
  {
    name: "body cut short of its Content-Length",
    do: { kind: "truncate", at: 100, length: true },
    strikes: "once",
    on: everywhere("retry", resumed),
  },
  {
    name: "body cut short, no Content-Length",
    do: { kind: "truncate", at: 100, length: false },
    strikes: "once",
    on: everywhere("retry", resumed),
  },
  { name: "connection reset before the answer", do: { kind: "reset" }, strikes: "once", on: everywhere("retry") },
  {
    name: "connection reset in mid-body",
    do: { kind: "reset", at: 100 },
    strikes: "once",
    on: everywhere("retry", resumed),
  },
  {
    name: "connection reset without end",
    do: { kind: "reset" },
    strikes: "always",
    on: everywhere(stop("network")),
  },
];

const slow: FaultRow[] = [
  { name: "no headers", do: { kind: "stall" }, strikes: "once", on: everywhere("retry") },
  { name: "no headers, ever", do: { kind: "stall" }, strikes: "always", on: everywhere(stop("network")) },
  {
    name: "body stands still",
    do: { kind: "stall", at: 100 },
    strikes: "once",
    on: everywhere("retry", resumed),
  },
  {
    name: "body in small pieces",
    do: { kind: "drip", bytes: 400, everyMs: 1 },
    strikes: "always",
    on: everywhere("read on"),
  },
  {
    name: "body slower than 1 kB/s",
    do: { kind: "drip", bytes: 1, everyMs: 20 },
    strikes: "once",
    on: everywhere("retry", resumed),
  },
  {
    name: "body slower than 1 kB/s, ever",
    do: { kind: "drip", bytes: 1, everyMs: 20 },
    strikes: "always",
    on: {
      revision: stop("too-slow"),
      tree: stop("too-slow"),
      "resolve-cache": stop("too-slow"),
      cdn: stop("too-slow"),
    },
  },
];

const refused: FaultRow[] = [
  { name: "403, the link has expired", do: { kind: "expired" }, strikes: "once", on: { cdn: "re-resolve" } },
  { name: "403 for ever", do: { kind: "expired" }, strikes: "always", on: everywhere(stop("not-allowed")) },
  {
    name: "404",
    do: { kind: "status", status: 404 },
    strikes: "always",
    on: everywhere(stop("source-not-found"), { cdn: stop("source-changed") }),
  },
];

const lying: FaultRow[] = [
  {
    name: "200 and the whole file for a range",
    do: { kind: "ignore-range" },
    strikes: "once",
    on: { "resolve-cache": "re-resolve", cdn: "re-resolve" },
  },
  {
    name: "200 and the whole file for every range",
    do: { kind: "ignore-range" },
    strikes: "always",
    on: { "resolve-cache": stop("wrong-range"), cdn: stop("wrong-range") },
  },
  {
    name: "Content-Range of another start",
    do: { kind: "content-range", shift: 7 },
    strikes: "once",
    on: { "resolve-cache": "re-resolve", cdn: "re-resolve" },
  },
  {
    name: "Content-Range of another total",
    do: { kind: "content-range", total: 9 },
    strikes: "once",
    on: { "resolve-cache": stop("source-changed"), cdn: stop("source-changed") },
  },
  {
    name: "a web page with status 200",
    do: { kind: "html" },
    strikes: "once",
    on: everywhere("retry", { "resolve-cache": "re-resolve", cdn: "re-resolve" }),
  },
  {
    name: "a web page with status 200, ever",
    do: { kind: "html" },
    strikes: "always",
    on: everywhere(stop("wrong-range"), { revision: stop("server-error"), tree: stop("server-error") }),
  },
  {
    name: "gzip, though not asked for",
    do: { kind: "gzip" },
    strikes: "once",
    on: everywhere("read on", { "resolve-cache": "re-resolve", cdn: "re-resolve" }),
  },
  // The first request that covers the byte is the directory's.
  { name: "a flipped bit", do: { kind: "flip", offset: 600 }, strikes: [2], on: { cdn: "read again" } },
  {
    name: "a flipped bit, ever",
    do: { kind: "flip", offset: 600 },
    strikes: "always",
    on: { cdn: { reject: "crc-mismatch" } },
  },
];

const moving: FaultRow[] = [
  {
    name: "another ETag than before",
    do: { kind: "changed" },
    strikes: [3],
    on: { resolve: stop("source-changed"), cdn: stop("source-changed") },
  },
  {
    name: "another size than before",
    do: { kind: "changed", grow: 5 },
    strikes: "once",
    on: { resolve: stop("source-changed"), "resolve-cache": stop("source-changed"), cdn: stop("source-changed") },
  },
  {
    name: "the branch moves to another commit",
    do: { kind: "move-branch" },
    strikes: "once",
    on: { tree: "read on", resolve: "read on", "resolve-cache": "read on", cdn: "read on" },
  },
  {
    name: "redirect to a third host that has the file",
    do: { kind: "redirect", to: "third" },
    strikes: "once",
    on: { resolve: "read on" },
  },
  {
    name: "redirect to a third host that has it not",
    do: { kind: "redirect", to: "third" },
    strikes: "always",
    on: { revision: stop("source-not-found"), tree: stop("source-not-found"), "resolve-cache": stop("source-changed") },
  },
  {
    name: "redirect in a circle",
    do: { kind: "redirect", to: "loop" },
    strikes: "always",
    on: everywhere(stop("server-error"), { cdn: stop("wrong-range") }),
  },
];

export const table: readonly FaultRow[] = [...limited, ...failing, ...broken, ...slow, ...refused, ...lying, ...moving];

export interface ProxyRow {
  readonly name: string;
  readonly fault: ProxyFault;
  readonly reaction: Reaction;
}

/** With HTTP_PROXY or HTTPS_PROXY: every request goes through it, but for hosts of NO_PROXY. */
export const proxyTable: readonly ProxyRow[] = [
  { name: "that works", fault: { kind: "none" }, reaction: "read on" },
  { name: "that breaks a tunnel in mid-body", fault: { kind: "cuts", at: 600 }, reaction: "retry" },
  { name: "that refuses tunnels", fault: { kind: "refuses" }, reaction: stop("network") },
  { name: "that does not answer", fault: { kind: "silent" }, reaction: stop("network") },
];
