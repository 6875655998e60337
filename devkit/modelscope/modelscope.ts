import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { folderContent } from "../hub/content.ts";
import { serveBytes } from "../hub/ranges.ts";
import { json, type Reply, text } from "../hub/reply.ts";
import { listen } from "../hub/server.ts";
import { contentOf, type Entry, entriesOf } from "../hub/snapshot.ts";

export interface ModelScopeOptions {
  /** Folders by `owner/name`; each is the branch master. */
  readonly repos: Readonly<Record<string, string>>;
  /** With it, only requests that bring it are answered. */
  readonly token?: string;
  /** Of files, by path, whose bytes are not what the listing says: what is made of them. */
  readonly lies?: Readonly<Record<string, (content: Buffer) => Buffer>>;
  /** Of an address of the API: what is answered instead. */
  readonly instead?: (url: URL) => Reply | undefined;
}

export interface LoggedRequest {
  readonly host: "api" | "store";
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/** A miniature ModelScope: what its public clients ask of a data set, as they word it. Not checked against the live service. */
export interface MiniatureModelScope {
  readonly endpoint: string;
  readonly log: LoggedRequest[];
  /** The next so many requests of the API are refused with this status. */
  refuse(status: number, times: number): void;
  /** Lets all addresses in the store that were handed out so far expire. */
  expire(): void;
  close(): Promise<void>;
}

type File = Entry & { readonly sha256: string };

/** Starts the API on 127.0.0.1 and its store, to which large files are redirected, on 127.0.0.2. */
export async function startModelScope({
  repos,
  token,
  lies = {},
  instead,
}: ModelScopeOptions): Promise<MiniatureModelScope> {
  const log: LoggedRequest[] = [];
  const stored = new Map<string, File>();
  const files = new Map<string, readonly File[]>();
  for (const [id, folder] of Object.entries(repos)) files.set(id, await filesOf(folder, lies));
  let refusals: number[] = [];
  const api = (request: IncomingMessage): Reply => {
    const url = new URL(request.url!, "http://api");
    const other = instead?.(url);
    if (other) return other;
    const status = refusals.shift();
    if (status !== undefined) return failure(status, "refused");
    if (token !== undefined && !isKnown(request, token)) return failure(401, "no session");
    const [, id, what] = /^\/api\/v1\/datasets\/([\w.-]+\/[\w.-]+)\/(repo\/tree|repo)$/.exec(url.pathname) ?? [];
    const own = files.get(id ?? "");
    if (!own || url.searchParams.get("Revision") !== "master") return failure(404, "dataset not found");
    if (what === "repo/tree") return tree(own, url.searchParams);
    const file = own.find(({ path }) => path === url.searchParams.get("FilePath"));
    if (!file) return failure(404, "file not found");
    if (!file.lfs) return serveBytes(file, `"${file.oid}"`, request.headers, {});
    const key = randomBytes(8).toString("hex");
    stored.set(key, file);
    return text("", "text/plain", 302, { location: `${store.url}/lfs-objects/${file.sha256}?auth_key=${key}` });
  };
  const atStore = (request: IncomingMessage): Reply => {
    const file = stored.get(new URL(request.url!, "http://store").searchParams.get("auth_key") ?? "");
    if (!file) return text("auth_key is wrong or has expired", "text/plain", 403);
    return serveBytes(file, `"${file.sha256.slice(0, 32)}"`, request.headers, {});
  };
  const listener =
    (host: LoggedRequest["host"], answer: typeof api) => (request: IncomingMessage, response: ServerResponse) => {
      log.push({ host, url: request.url!, headers: request.headers });
      void send(answer(request), response);
    };
  const servers = [
    await listen("127.0.0.1", 0, listener("api", api)),
    await listen("127.0.0.2", 0, listener("store", atStore)),
  ];
  const store = servers[1]!;
  return {
    endpoint: servers[0]!.url,
    log,
    refuse: (status, times) => {
      refusals = new Array<number>(times).fill(status);
    },
    expire: () => stored.clear(),
    close: async () => {
      for (const server of servers) await server.close();
    },
  };
}

/** Older parts of the API know a user by the cookie, newer ones by the header. */
const isKnown = ({ headers }: IncomingMessage, token: string) =>
  headers.authorization === `Bearer ${token}` && headers.cookie === `m_session_id=${token}`;

const failure = (status: number, message: string) =>
  json({ Code: 10010205001, Data: null, Message: message, RequestId: "0", Success: false }, status);

function tree(files: readonly File[], query: URLSearchParams): Reply {
  const root = query.get("Root")?.replace(/^\/|\/$/g, "") ?? "";
  const within = files.filter(({ path }) => root === "" || path.startsWith(`${root}/`));
  const folders = new Set(within.flatMap(({ path }) => parents(path)));
  const all = [
    ...[...folders].map((path) => ({ Path: path, Type: "tree", Size: 0, Sha256: "", IsLFS: false })),
    ...within.map(({ path, size, sha256, lfs }) => ({
      Path: path,
      Type: "blob",
      Size: size,
      Sha256: sha256,
      IsLFS: lfs !== undefined,
    })),
  ].map((entry) => ({ ...entry, Name: entry.Path.split("/").at(-1), Mode: "33188", CommitMessage: "upload" }));
  const [number, size] = [Number(query.get("PageNumber") ?? 1), Number(query.get("PageSize") ?? 10)];
  const page = all.sort((a, b) => (a.Path < b.Path ? -1 : 1)).slice((number - 1) * size, number * size);
  return json({
    Code: 200,
    Data: { Files: page, TotalCount: all.length },
    Message: "success",
    RequestId: "0",
    Success: true,
  });
}

async function send({ status, headers, body }: Reply, response: ServerResponse): Promise<void> {
  response.writeHead(status, headers);
  if (typeof body === "function") await pipeline(body(), response).catch(() => response.destroy());
  else response.end(body);
}

const parents = (path: string) => {
  const names = path.split("/");
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join("/"));
};

async function filesOf(folder: string, lies: NonNullable<ModelScopeOptions["lies"]>): Promise<readonly File[]> {
  const files: File[] = [];
  for (const entry of await entriesOf(folderContent(folder), 10_000)) {
    const content = await contentOf(entry);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const told = lies[entry.path]?.(content);
    files.push({
      ...entry,
      sha256,
      ...(told && { open: (start: number, end: number) => Readable.from([told.subarray(start, end)]) }),
    });
  }
  return files;
}
