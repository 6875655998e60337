import type { IncomingMessage, ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import type { ServedFile } from "./content.ts";
import type { Fault } from "./faults.ts";
import type { HubState } from "./hub.ts";
import { sendRange } from "./send.ts";

type Headers = Readonly<Record<string, string | number>>;

/** The Hub's side: revision, tree, paths, resolver, and the errors and headers of the real one. */
export async function answerApi(
  state: HubState,
  request: IncomingMessage,
  response: ServerResponse,
  fault?: Fault,
): Promise<void> {
  if (fault?.stall) return;
  if (fault?.status !== undefined) return void response.writeHead(fault.status, fault.headers).end(fault.body ?? "");
  const url = new URL(request.url ?? "/", state.endpoint);
  const [, path, rest = ""] = /^\/(?:api\/)?(?:resolve-cache\/)?datasets\/([^/]+\/[^/]+)(.*)$/.exec(url.pathname) ?? [];
  if (path !== state.options.repo) return fail(response, 404, "RepoNotFound", "Repository not found");
  if (refused(state, request, response)) return;
  const [, verb = "", revision = "main", name = ""] = /^\/([^/]+)(?:\/([^/]+))?(?:\/(.*))?$/.exec(rest) ?? [];
  const cached = url.pathname.startsWith("/api/resolve-cache/");
  const known = ["main", "HEAD", state.snapshot.sha].includes(decodeURIComponent(cached ? verb : revision));
  if (!known) return fail(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
  const filePath = decodeURIComponent(cached ? rest.split("/").slice(2).join("/") : name);
  if (cached) return sendSmall(state, filePath, request, response);
  if (rest === "" || verb === "revision") return json(response, info(state));
  if (verb === "tree") return tree(state, url, filePath, response);
  if (verb === "paths-info") return json(response, await pathsInfo(state, request));
  if (verb === "resolve") return resolve(state, filePath, request, response);
  fail(response, 404, "NotFound", `${url.pathname}: not served`);
}

/** True when the repository's access, or the token, forbids the request; then it is answered. */
function refused({ options }: HubState, request: IncomingMessage, response: ServerResponse): boolean {
  const token = request.headers.authorization?.replace(/^Bearer /, "");
  const allowed = token !== undefined && options.tokens.includes(token);
  if (options.access === "disabled") fail(response, 403, "", "Access to this resource is disabled.");
  else if (token !== undefined && !allowed) fail(response, 401, "", "Invalid credentials in Authorization header");
  else if (options.access === "private" && !allowed) fail(response, 401, "RepoNotFound", "Repository not found");
  else if (options.access === "gated" && !allowed)
    fail(response, token === undefined ? 401 : 403, "GatedRepo", "Access to this dataset is restricted");
  else return false;
  return true;
}

function info({ options, snapshot }: HubState) {
  const siblings = snapshot.files.map(({ path }) => ({ rfilename: path }));
  const [author] = options.repo.split("/");
  return {
    _id: "0",
    id: options.repo,
    author,
    sha: snapshot.sha,
    private: options.access === "private",
    gated: options.access === "gated" ? "auto" : false,
    disabled: false,
    tags: [],
    downloads: 0,
    likes: 0,
    lastModified: "2025-01-01T00:00:00.000Z",
    siblings,
  };
}

const entryOf = ({ path, size, oid, large }: ServedFile) => ({
  type: "file",
  path,
  size,
  oid,
  ...(large ? { lfs: { oid, size, pointerSize: 134 } } : {}),
});

function tree(state: HubState, url: URL, folder: string, response: ServerResponse): void {
  const prefix = folder === "" ? "" : `${folder}/`;
  const entries: { type: string; path: string; size: number; oid: string }[] = [];
  const folders = new Set<string>();
  for (const file of state.snapshot.files.filter(({ path }) => path.startsWith(prefix))) {
    const parts = file.path.slice(prefix.length).split("/");
    const recursive = url.searchParams.get("recursive") === "true";
    for (let depth = 1; depth < (recursive ? parts.length : Math.min(2, parts.length)); depth++)
      folders.add(prefix + parts.slice(0, depth).join("/"));
    if (recursive || parts.length === 1) entries.push(entryOf(file));
  }
  for (const path of folders) entries.push({ type: "directory", path, size: 0, oid: "0".repeat(40) });
  if (entries.length === 0) return fail(response, 404, "EntryNotFound", `${folder} does not exist`);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = from + state.options.pageSize;
  url.searchParams.set("cursor", String(to));
  json(response, entries.slice(from, to), to < entries.length ? { link: `<${url.href}>; rel="next"` } : {});
}

async function pathsInfo({ snapshot }: HubState, request: IncomingMessage) {
  const body = await readText(request);
  const asked = request.headers["content-type"]?.includes("json")
    ? (JSON.parse(body) as { paths: string[] }).paths
    : new URLSearchParams(body).getAll("paths");
  return snapshot.files.filter(({ path }) => asked.includes(path)).map(entryOf);
}

function resolve(state: HubState, path: string, request: IncomingMessage, response: ServerResponse): void {
  const { sha, files } = state.snapshot;
  const file = files.find((one) => one.path === path);
  if (!file) return fail(response, 404, "EntryNotFound", "Entry not found", { "x-repo-commit": sha });
  const common = { "x-repo-commit": sha, "accept-ranges": "bytes", etag: `"${file.oid}"` };
  if (file.large) {
    const linked = { "x-linked-size": file.size, "x-linked-etag": `"${file.oid}"` };
    response
      .writeHead(302, { ...common, ...linked, location: state.sign(file) })
      .end(request.method === "HEAD" ? undefined : "Found. Redirecting");
    return;
  }
  const target = `/api/resolve-cache/datasets/${state.options.repo}/${sha}/${path.split("/").map(encodeURIComponent).join("/")}`;
  response.writeHead(307, { ...common, location: target }).end();
}

function sendSmall(state: HubState, path: string, request: IncomingMessage, response: ServerResponse): void {
  const file = state.snapshot.files.find((one) => one.path === path);
  if (!file) return fail(response, 404, "EntryNotFound", "Entry not found");
  response.setHeader("x-repo-commit", state.snapshot.sha);
  if (request.method === "HEAD")
    return void response.writeHead(200, { "content-length": file.size, etag: `"${file.oid}"` }).end();
  sendRange(file, request.headers.range, response, () => {});
}

function json(response: ServerResponse, value: unknown, headers: Headers = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}

function fail(response: ServerResponse, status: number, code: string, message: string, headers: Headers = {}): void {
  response
    .writeHead(status, {
      "content-type": "application/json",
      "x-error-code": code,
      "x-error-message": message,
      ...headers,
    })
    .end(JSON.stringify({ error: message }));
}
