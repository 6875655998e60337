import { json, Refusal, type Reply } from "../reply.ts";
import { type Context, type Route, route } from "../router.ts";
import { writer } from "../state.ts";
import { type Bucket, type BucketFile, bucketFor, newBucket, writableBucket } from "./bucket.ts";

export const bucketRoutes: readonly Route[] = [
  route("bucket-create", "POST", "/api/buckets/:owner/:name", create),
  route("bucket", "GET", "/api/buckets/:owner/:name", info),
  route("bucket-tree", "GET", "/api/buckets/:owner/:name/tree", tree),
  route("bucket-tree", "GET", "/api/buckets/:owner/:name/tree/*", tree),
  route("bucket-paths", "POST", "/api/buckets/:owner/:name/paths-info", pathsInfo),
  route("bucket-batch", "POST", "/api/buckets/:owner/:name/batch", batch),
];

const MAX_PATHS = 1000;
const CREATED = "2026-05-01T00:00:00.000Z";

async function create(context: Context): Promise<Reply> {
  const { hub, params } = context;
  const owner = params["owner"] === "me" ? (context.actor?.name ?? "") : params["owner"]!;
  writer(context, owner);
  const id = `${owner}/${params["name"]}`;
  const url = `${hub.endpoint}/buckets/${id}`;
  if (hub.buckets.has(id)) return json({ error: "You already created this bucket", url }, 409);
  const asked = (await context.json()) as { visibility?: string; private?: boolean };
  hub.buckets.set(id, newBucket(id, asked.private ?? asked.visibility !== "public"));
  return json({ url, name: id, id });
}

function info(context: Context): Reply {
  const { id, isPrivate, files } = bucketFor(context);
  const size = [...files.values()].reduce((sum, file) => sum + file.size, 0);
  return json({ id, private: isPrivate, createdAt: CREATED, size, totalFiles: files.size });
}

/** A page of a folder's files and folders, in order of paths; Link names the next one by the last path of this. */
function tree(context: Context): Reply {
  const { hub, params, url } = context;
  const { files } = bucketFor(context);
  const folder = (params["rest"] ?? "").replace(/\/+$/, "");
  const start = folder === "" ? "" : `${folder}/`;
  const isDeep = url.searchParams.get("recursive")?.toLowerCase() === "true";
  const paths = [...foldersOf(files), ...files.keys()]
    .filter((path) => path.startsWith(start) && (isDeep || !path.includes("/", start.length)))
    .sort();
  if (paths.length === 0 && folder !== "") throw new Refusal(404, `${folder} does not exist`, "EntryNotFound");
  const after = Buffer.from(url.searchParams.get("cursor") ?? "", "base64url").toString();
  const left = paths.filter((path) => path > after);
  const page = left.slice(0, hub.pageSize);
  const headers: Record<string, string> = {};
  if (left.length > page.length) {
    const next = new URL(url.pathname + url.search, hub.endpoint);
    next.searchParams.set("cursor", Buffer.from(page.at(-1)!).toString("base64url"));
    headers["link"] = `<${next}>; rel="next"`;
  }
  const described = page.map((path) => entryOf(files, path) ?? { type: "directory", path, uploadedAt: CREATED });
  return json(described, 200, headers);
}

function foldersOf(files: Bucket["files"]): Set<string> {
  const folders = new Set<string>();
  for (const path of files.keys())
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  return folders;
}

function entryOf(files: Bucket["files"], path: string): object | undefined {
  const file = files.get(path);
  return file && { type: "file", path, ...file };
}

async function pathsInfo(context: Context): Promise<Reply> {
  const { files } = bucketFor(context);
  const { paths = [] } = (await context.json()) as { paths?: string[] };
  if (paths.length > MAX_PATHS) throw new Refusal(413, `more than ${MAX_PATHS} paths`);
  return json(paths.flatMap((path) => entryOf(files, path) ?? []));
}

interface Line {
  readonly type?: string;
  readonly path?: string;
  readonly xetHash?: string;
}

/** Each line is carried out by itself; those that cannot be are named. Where it is all of them, the status says so too. */
async function batch(context: Context): Promise<Reply> {
  const bucket = writableBucket(context);
  const body = (await context.body()).toString().trim();
  const lines = body === "" ? [] : body.split("\n").map((line) => JSON.parse(line) as Line);
  if (lines.length > MAX_PATHS) throw new Refusal(413, `more than ${MAX_PATHS} lines`);
  const failed = lines.flatMap((line) => {
    const error = applied(context, bucket, line);
    return error === undefined ? [] : [{ path: line.path, error }];
  });
  const succeeded = lines.length - failed.length;
  const isNone = lines.length > 0 && succeeded === 0;
  return json({ success: failed.length === 0, processed: lines.length, succeeded, failed }, isNone ? 422 : 200);
}

/** Why a line cannot be carried out. */
function applied({ hub }: Context, { files }: Bucket, { type, path = "", xetHash = "" }: Line): string | undefined {
  if (path.split("/").some((part) => ["", ".", ".."].includes(part))) return "Invalid path";
  if (type === "deleteFile") return files.delete(path) ? undefined : "File not found";
  if (type !== "addFile") return `Unknown operation: ${type}`;
  const stored = hub.cas.files.get(xetHash);
  if (!stored) return `No content with the hash ${xetHash}`;
  const file: BucketFile = { xetHash, size: stored.size, uploadedAt: CREATED };
  files.set(path, file);
  return undefined;
}
