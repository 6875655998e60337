import { json, Refusal, type Reply } from "./reply.ts";
import { COMMIT_DATE } from "./repo-routes.ts";
import { type Context, type Route, route } from "./router.ts";
import type { Entry, Snapshot } from "./snapshot.ts";
import { repoFor } from "./state.ts";

export const treeRoutes: readonly Route[] = [
  route("tree", "GET", "/api/datasets/:owner/:name/tree/:rev", tree),
  route("tree", "GET", "/api/datasets/:owner/:name/tree/:rev/*", tree),
  route("paths-info", "POST", "/api/datasets/:owner/:name/paths-info/:rev", pathsInfo),
];

/** One page of a listing, in order of paths; Link names the next one by the last path of this. */
function tree(context: Context): Reply {
  const { hub, params, url } = context;
  const snapshot = repoFor(context, "metadata").at(params["rev"]!);
  const folder = (params["rest"] ?? "").replace(/\/+$/, "");
  if (folder !== "" && !snapshot.folders.has(folder))
    throw new Refusal(404, `${folder} does not exist on "${params["rev"]}"`, "EntryNotFound", {
      "x-repo-commit": snapshot.sha,
    });
  const query = url.searchParams;
  const expand = isTrue(query.get("expand"));
  const largest = expand ? Math.ceil(hub.pageSize / 10) : hub.pageSize;
  const limit = Math.min(largest, Number(query.get("limit") ?? largest) || largest);
  const after = Buffer.from(query.get("cursor") ?? "", "base64url").toString();
  const paths = pathsUnder(snapshot, folder, isTrue(query.get("recursive"))).filter((path) => path > after);
  const page = paths.slice(0, limit);
  const headers: Record<string, string> = { "x-repo-commit": snapshot.sha };
  if (paths.length > limit) {
    const next = new URL(url.pathname + url.search, hub.endpoint);
    next.searchParams.set("cursor", Buffer.from(page.at(-1)!).toString("base64url"));
    headers["link"] = `<${next}>; rel="next"`;
  }
  return json(
    page.map((path) => describe(snapshot, path, expand)!),
    200,
    headers,
  );
}

function pathsUnder(snapshot: Snapshot, folder: string, recursive: boolean): string[] {
  const start = folder === "" ? "" : `${folder}/`;
  return [...snapshot.folders.keys(), ...snapshot.entries.keys()]
    .filter((path) => path.startsWith(start) && (recursive || !path.includes("/", start.length)))
    .sort();
}

async function pathsInfo(context: Context): Promise<Reply> {
  const snapshot = repoFor(context, "metadata").at(context.params["rev"]!);
  const body = (await context.body()).toString();
  const { paths, expand } = isForm(context) ? formBody(body) : jsonBody(body);
  // Paths that do not exist are absent from the answer.
  return json(paths.flatMap((path) => describe(snapshot, path.replace(/\/+$/, ""), expand) ?? []));
}

interface PathsQuery {
  paths: string[];
  expand: boolean;
}

function isForm(context: Context): boolean {
  return context.headers["content-type"]?.includes("application/x-www-form-urlencoded") ?? false;
}

function formBody(body: string): PathsQuery {
  const form = new URLSearchParams(body);
  return { paths: form.getAll("paths"), expand: isTrue(form.get("expand")) };
}

function jsonBody(body: string): PathsQuery {
  const { paths, expand } = JSON.parse(body) as { paths?: string[] | string; expand?: boolean };
  return { paths: [paths ?? []].flat(), expand: expand === true };
}

function describe(snapshot: Snapshot, path: string, expand: boolean): object | undefined {
  const extra = expand && {
    lastCommit: { id: snapshot.sha, title: snapshot.title, date: COMMIT_DATE },
    // Python's client reads all three.
    securityFileStatus: { status: "safe", avScan: { status: "safe" }, pickleImportScan: { status: "unscanned" } },
  };
  const folder = snapshot.folders.get(path);
  if (folder !== undefined) return { type: "directory", oid: folder, size: 0, path, ...extra };
  const entry = snapshot.entries.get(path);
  return entry && { ...fileInfo(entry), ...extra };
}

function fileInfo({ path, size, oid, lfs }: Entry): object {
  return {
    type: "file",
    oid,
    size,
    ...(lfs && { lfs: { oid: lfs.sha256, size, pointerSize: lfs.pointerSize } }),
    path,
  };
}

/** Python's clients spell it True. */
function isTrue(value: string | null): boolean {
  return /^(?:true|1)$/i.test(value ?? "");
}
