import type { IncomingHttpHeaders } from "node:http";

export type Host = "hub" | "cdn" | "third";

export interface LoggedRequest {
  readonly host: Host;
  readonly route: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** The file's path in its repository, where the request is for one. */
  path: string | undefined;
  readonly range: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Milliseconds since the epoch. */
  readonly at: number;
  status: number;
  /** Body bytes handed to the socket. */
  bytes: number;
  /** Body bytes of the request. */
  received: number;
  /** The kinds of faults that were put in. */
  faults: string[];
}

export interface Counters {
  api: number;
  resolvers: number;
  pages: number;
  /** Requests of the resolve route; `resolvers` is the rate-limit bucket. */
  resolve: number;
  cdn: number;
  cdnBytes: number;
  /** Bytes that the store was sent. */
  storeBytes: number;
  hubBytes: number;
  third: number;
  routes: Record<string, number>;
}

/** Counts a log: how tests assert "one resolve an archive" and "no byte too many". */
export function countRequests(
  log: readonly LoggedRequest[],
  bucketOf: (url: string) => "api" | "resolvers" | "pages",
): Counters {
  const counters: Counters = {
    api: 0,
    resolvers: 0,
    pages: 0,
    resolve: 0,
    cdn: 0,
    cdnBytes: 0,
    storeBytes: 0,
    hubBytes: 0,
    third: 0,
    routes: {},
  };
  for (const { host, route, url, bytes, received } of log) {
    counters.routes[route] = (counters.routes[route] ?? 0) + 1;
    if (route === "resolve") counters.resolve += 1;
    if (host === "hub") {
      counters[bucketOf(url)] += 1;
      counters.hubBytes += bytes;
    } else {
      counters[host] += 1;
      counters.cdnBytes += bytes;
      counters.storeBytes += received;
    }
  }
  return counters;
}
