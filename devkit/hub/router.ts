import type { IncomingHttpHeaders } from "node:http";
import type { LoggedRequest } from "./log.ts";
import type { Reply } from "./reply.ts";
import type { HubState, Identity } from "./state.ts";

/** What a route is given. `params` are the pattern's, decoded; `rest` is what `*` stood for. */
export interface Context {
  readonly hub: HubState;
  readonly method: string;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Undefined for an anonymous request; a bad token never gets here. */
  readonly actor: Identity | undefined;
  readonly logged: LoggedRequest;
  /** What is sent, as it comes. */
  readonly incoming: () => AsyncIterable<Buffer>;
  readonly body: () => Promise<Buffer>;
  readonly json: () => Promise<unknown>;
}

export interface Route {
  /** What faults and counters know it by. */
  readonly name: string;
  readonly method: string;
  readonly pattern: readonly string[];
  readonly handle: (context: Context) => Reply | Promise<Reply>;
}

/** `:name` takes one segment, in which %2F stays part of it; a last `*` takes the rest. GET routes answer HEAD too. */
export function route(name: string, method: string, pattern: string, handle: Route["handle"]): Route {
  return { name, method, pattern: pattern.split("/").slice(1), handle };
}

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

export function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const segments = path.split("/").slice(1);
  for (const candidate of routes) {
    if (candidate.method !== (method === "HEAD" ? "GET" : method)) continue;
    const params = paramsOf(candidate.pattern, segments);
    if (params) return { route: candidate, params };
  }
  return undefined;
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const open = pattern.at(-1) === "*";
  const fixed = open ? pattern.slice(0, -1) : pattern;
  if (open ? segments.length < fixed.length : segments.length !== fixed.length) return undefined;
  const params: Record<string, string> = {};
  try {
    for (const [at, part] of fixed.entries()) {
      if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(segments[at]!);
      else if (part !== segments[at]) return undefined;
    }
    if (open) params["rest"] = segments.slice(fixed.length).map(decodeURIComponent).join("/");
  } catch {
    return undefined;
  }
  return params;
}
