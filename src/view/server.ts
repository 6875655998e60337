import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ByteSource } from "../bytes/byte-source.ts";
import { EtlError, isFault } from "../errors.ts";
import { assets, readAsset } from "./assets.ts";
import { afterKey, hostsOf, newKey, refusal, safeHeaders } from "./guard.ts";
import { requestedRange } from "./range.ts";
import type { ReadSeries, Viewed } from "./viewed.ts";

export interface ViewServer {
  /** With the key. */
  readonly url: string;
  close(): Promise<void>;
}
export interface ServeOptions {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
}

/** Serves the page and what it reads. Whoever does not know the key learns nothing, not even what is served. */
export async function serve(viewed: Viewed, { host, port }: ServeOptions): Promise<ViewServer> {
  const key = newKey();
  let hosts: ReadonlySet<string> = new Set();
  const server = createServer((request, response) => {
    const refused = refusal(request, host, hosts);
    const path = refused === undefined ? afterKey(request.url ?? "", key) : undefined;
    if (path === undefined) return say(response, refused ?? 404, "");
    void answer(viewed, path, request, response).catch((error) => fail(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenFault(error, host, port)));
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  hosts = hostsOf(host.toLowerCase(), bound);
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${bound}/${key}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): EtlError {
  const why = error.code === "EADDRINUSE" ? "is taken; choose another --port" : `cannot be served (${error.code})`;
  return new EtlError("usage", `${host}:${port}: ${why}`, error);
}

async function answer(viewed: Viewed, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(path, "http://page");
  if (path === "") return say(response, 308, "", { location: `${request.url}/` });
  const name = url.pathname.slice(1) || "index.html";
  if (Object.hasOwn(assets, name)) return say(response, 200, await readAsset(name), { "content-type": assets[name]! });
  if (name === "view.json") return json(response, viewed.info);
  if (name === "archives.json" && viewed.archives) return json(response, viewed.archives.list());
  if (name === "series" && viewed.archives) {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const read = await viewed.archives.series(url.searchParams.get("id") ?? "", gone.signal);
    return read
      ? say(response, 200, packed(read), { "content-type": "application/octet-stream" })
      : say(response, 404, "");
  }
  const file = name.startsWith("files/") ? viewed.file(decoded(name.slice("files/".length))) : undefined;
  if (!file) return say(response, 404, "");
  await sendFile(file, request, response);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return "";
  }
}

/** By Range alone would do for the page; a whole file is for whoever saves one. */
async function sendFile(file: ByteSource, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { byteLength } = file;
  const range = requestedRange(request.headers.range, byteLength);
  if (range === "unsatisfiable") return say(response, 416, "", { "content-range": `bytes */${byteLength}` });
  const { start, end } = range ?? { start: 0, end: byteLength };
  response.writeHead(range ? 206 : 200, {
    ...safeHeaders,
    "content-type": "application/octet-stream",
    "accept-ranges": "bytes",
    "content-length": end - start,
    ...(range && { "content-range": `bytes ${start}-${end - 1}/${byteLength}` }),
  });
  if (request.method === "HEAD" || start === end) return void response.end();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await pipeline(Readable.from(file.read({ start, end }, { signal: gone.signal })), response);
}

/** Four bytes of length, the columns and the slices' lengths as JSON, then the slices. */
function packed({ row, slices }: ReadSeries): Buffer {
  const head = Buffer.from(JSON.stringify({ row, slices: slices.map(({ byteLength }) => byteLength) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.byteLength);
  return Buffer.concat([length, head, ...slices]);
}

function json(response: ServerResponse, value: unknown): void {
  say(response, 200, JSON.stringify(value), { "content-type": "application/json" });
}

function say(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...safeHeaders, "content-length": Buffer.byteLength(body), ...headers });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** The page shows the line; a fault of ours keeps its words to itself. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const line = isFault(error) ? error.message : "a fault in voxshard itself";
  say(response, isFault(error) ? 502 : 500, line, { "content-type": "text/plain; charset=utf-8" });
}
