import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerApi } from "./api.ts";
import { type ServedFile, type Snapshot, snapshotOf } from "./content.ts";
import { type Fault, faultFor } from "./faults.ts";
import { type LoggedRequest, RequestLog } from "./log.ts";
import { sendRange } from "./send.ts";

export type Access = "public" | "private" | "gated" | "disabled";
export interface HubOptions {
  readonly dir: string;
  readonly repo?: string;
  readonly access?: Access;
  /** Tokens that may read; others are refused. */
  readonly tokens?: readonly string[];
  /** Entries a page of the tree. */
  readonly pageSize?: number;
  readonly urlTtlSeconds?: number;
  /** Requests that the rate limit allows in its window, by bucket. */
  readonly quota?: number;
  readonly port?: number;
}
export interface HubState {
  readonly options: Required<Omit<HubOptions, "port">>;
  snapshot: Snapshot;
  readonly log: RequestLog;
  readonly faults: Fault[];
  endpoint: string;
  /** A signed address on the CDN. */
  sign(file: ServedFile): string;
}
export interface Hub extends HubState {
  /** Stops both servers; throws if a token ever reached the CDN. */
  close(): Promise<void>;
}

/** The Hub's host and, so that a client cannot mistake them for one, the CDN's. */
const HUB_HOST = "127.0.0.1";
const CDN_HOST = "127.0.0.2";
const WINDOW_SECONDS = 300;

/** A miniature Hub that serves a folder as a data set: real HTTP, real redirects to a CDN on another host. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const secret = randomBytes(16);
  const signature = (path: string, expires: string) =>
    createHmac("sha256", secret).update(`${path} ${expires}`).digest("base64url");
  let cdnOrigin = "";
  const state: HubState = {
    options: {
      repo: "voxshard/mini",
      access: "public",
      tokens: [],
      pageSize: 1000,
      urlTtlSeconds: 3600,
      quota: 5000,
      ...options,
    },
    snapshot: await snapshotOf(options.dir),
    log: new RequestLog(),
    faults: [],
    endpoint: "",
    sign: (file) => {
      const path = `/${file.oid}/${encodeURIComponent(file.path)}`;
      const expires = String(Math.floor(Date.now() / 1000) + (options.urlTtlSeconds ?? 3600));
      return `${cdnOrigin}${path}?Expires=${expires}&Signature=${signature(path, expires)}&Key-Pair-Id=K1`;
    },
  };
  const cdn = createServer((request, response) => {
    const entry = record(state.log, "cdn", request, response);
    if (JSON.stringify([request.url, request.headers]).includes("hf_")) state.log.leaks.push(request.url ?? "");
    const fault = faultFor(state.faults, "cdn", entry.url);
    answerCdn(state, request, response, entry, signature, fault);
  });
  const hub = createServer((request, response) => {
    const bucket = request.url?.includes("/resolve/") ? "resolve" : "api";
    const entry = record(state.log, bucket, request, response);
    const used = state.log.of(bucket).length;
    response.setHeader("RateLimit", `"${bucket}";r=${Math.max(0, state.options.quota - used)};t=${WINDOW_SECONDS}`);
    response.setHeader("RateLimit-Policy", `"fixed window";"${bucket}";q=${state.options.quota};w=${WINDOW_SECONDS}`);
    response.setHeader("X-Request-Id", randomBytes(8).toString("hex"));
    void answerApi(state, request, response, faultFor(state.faults, bucket, entry.url));
  });
  await Promise.all([listen(hub, HUB_HOST, options.port ?? 0), listen(cdn, CDN_HOST, 0)]);
  state.endpoint = `http://${HUB_HOST}:${(hub.address() as AddressInfo).port}`;
  cdnOrigin = `http://${CDN_HOST}:${(cdn.address() as AddressInfo).port}`;
  return Object.assign(state, {
    async close() {
      await Promise.all([hub, cdn].map(stop));
      if (state.log.leaks.length > 0) throw new Error(`a token reached the CDN: ${state.log.leaks[0]}`);
    },
  });
}

function answerCdn(
  state: HubState,
  request: IncomingMessage,
  response: ServerResponse,
  entry: LoggedRequest,
  signature: (path: string, expires: string) => string,
  fault: Fault | undefined,
): void {
  const url = new URL(request.url ?? "/", "http://cdn");
  const expires = url.searchParams.get("Expires") ?? "";
  const valid =
    url.searchParams.get("Signature") === signature(url.pathname, expires) && Number(expires) > Date.now() / 1000;
  const file = state.snapshot.files.find(({ oid, path }) => url.pathname === `/${oid}/${encodeURIComponent(path)}`);
  if (!valid || !file) {
    response
      .writeHead(403, { "content-type": "application/xml" })
      .end("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>");
    return;
  }
  sendRange(file, request.headers.range, response, (bytes) => (entry.bytes += bytes), fault);
}

function record(
  log: RequestLog,
  bucket: LoggedRequest["bucket"],
  request: IncomingMessage,
  response: ServerResponse,
): LoggedRequest {
  const entry: LoggedRequest = {
    bucket,
    method: request.method ?? "",
    url: request.url ?? "",
    range: request.headers.range,
    status: 0,
    bytes: 0,
  };
  log.requests.push(entry);
  response.on("close", () => (entry.status = response.statusCode));
  return entry;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
