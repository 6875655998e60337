import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { json, Refusal, type Reply } from "./reply.ts";
import type { Repo } from "./repos.ts";
import { type Context, type Route, route } from "./router.ts";
import { contentOf, type Entry, pointer, type Snapshot } from "./snapshot.ts";
import { writableRepo } from "./state.ts";

export const commitRoutes: readonly Route[] = [
  route("preupload", "POST", "/api/datasets/:owner/:name/preupload/:rev", preupload),
  route("commit", "POST", "/api/datasets/:owner/:name/commit/:rev", commit),
];

const MAX_FILES = 256;

interface Asked {
  files?: { path: string; size: number; sample?: string }[];
  gitAttributes?: string;
  gitIgnore?: string;
}

/** How each file is to come, whether it is to come at all, and what lies at its path now. */
async function preupload(context: Context): Promise<Reply> {
  const repo = writableRepo(context);
  const { files = [], gitAttributes, gitIgnore = "" } = (await context.json()) as Asked;
  if (files.length > MAX_FILES) throw new Refusal(413, `more than ${MAX_FILES} files`);
  const snapshot = repo.at(context.params["rev"]!);
  const isLfs = await lfsRule(repo, snapshot, gitAttributes);
  const isIgnored = globs(gitIgnore.split("\n"));
  return json({
    files: files.map(({ path, size }) => {
      const there = snapshot.entries.get(path);
      const oid = there && { oid: there.lfs?.sha256 ?? there.oid };
      const uploadMode = isLfs(path, size) ? "lfs" : "regular";
      return { path, uploadMode, shouldIgnore: isIgnored(path), ...oid };
    }),
  });
}

/** The Hub takes larger files than this by LFS alone. */
const REGULAR_BYTES = 10_000_000;

/** By .gitattributes and size (of repositories without one by their own threshold); an empty file is never in LFS. */
async function lfsRule(
  repo: Repo,
  { entries }: Snapshot,
  given?: string,
): Promise<(path: string, size: number) => boolean> {
  const entry = entries.get(".gitattributes");
  const text = given ?? (entry ? (await contentOf(entry)).toString() : "");
  const lines = text.split("\n").filter((line) => line.includes("filter=lfs"));
  const isNamed = globs(lines.map((line) => line.split(/\s/)[0]!));
  return (path, size) => size > 0 && (isNamed(path) || size > (text === "" ? repo.lfsThreshold : REGULAR_BYTES));
}

/** The simple patterns of .gitignore and .gitattributes: names with `*`, anywhere. */
function globs(patterns: readonly string[]): (path: string) => boolean {
  const simple = patterns.map((one) => one.trim()).filter((one) => one !== "" && !one.startsWith("#"));
  const tests = simple.map((one) => {
    const inner = one
      .replace(/\/$/, "")
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`(?:^|/)${inner.join("[^/]*")}(?:/|$)`);
  });
  return (path) => tests.some((one) => one.test(path));
}

interface Header {
  summary?: string;
  parentCommit?: string;
}
type Line = {
  key: string;
  value: { path: string; content: string; encoding: string; algo: string; oid: string; size: number };
};

/** Commits that are being read: the Hub takes one at a time. */
const running = new WeakSet<Repo>();

async function commit(context: Context): Promise<Reply> {
  const repo = writableRepo(context);
  const branch = context.params["rev"]!;
  if (!repo.refs.has(branch)) throw new Refusal(404, `Invalid rev id: ${branch}`, "RevisionNotFound");
  if (running.has(repo)) throw new Refusal(409, "Another commit is in progress. Please retry.");
  running.add(repo);
  try {
    const [header, ...lines] = ndjson((await context.body()).toString());
    const { summary, parentCommit } = (header?.value ?? {}) as Header;
    if (header?.key !== "header" || !summary) throw new Refusal(400, "the first line must be a header with a summary");
    const parent = repo.at(branch);
    if (parentCommit !== undefined && parentCommit !== parent.sha)
      throw new Refusal(412, "The branch was updated since you opened this page. Please refresh and try again.");
    const isLfs = await lfsRule(repo, parent);
    const entries = new Map(parent.entries);
    for (const line of lines as Line[]) apply(context, repo, entries, line, isLfs);
    // Only what would have been made counts.
    if (!context.hub.takeCommit(context.actor!.name))
      throw new Refusal(429, "You have exceeded our hourly quotas for action: commit. We invite you to retry later.");
    const isRequest = context.url.searchParams.get("create_pr") === "1";
    const number = [...repo.refs.keys()].filter((ref) => ref.startsWith("refs/pr/")).length + 1;
    if (isRequest) repo.refs.set(`refs/pr/${number}`, parent.sha);
    const { sha } = repo.move(isRequest ? `refs/pr/${number}` : branch, summary, entries.values());
    const page = `${context.hub.endpoint}/datasets/${repo.id}`;
    return json({
      success: true,
      commitOid: sha,
      commitUrl: `${page}/commit/${sha}`,
      hookOutput: "",
      ...(isRequest ? { pullRequestUrl: `${page}/discussions/${number}` } : {}),
    });
  } finally {
    running.delete(repo);
  }
}

function ndjson(body: string): { key?: string; value?: unknown }[] {
  try {
    return body
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line));
  } catch (error) {
    throw new Refusal(400, `the body is no NDJSON: ${error}`);
  }
}

function apply(
  { hub }: Context,
  repo: Repo,
  entries: Map<string, Entry>,
  { key, value }: Line,
  isLfs: (path: string, size: number) => boolean,
): void {
  const { path } = value;
  if (!path || path.split("/").some((part) => ["", ".", "..", ".git"].includes(part)))
    throw new Refusal(400, `Invalid path: ${path}`);
  if (key === "deletedFile") {
    if (!entries.delete(path)) throw new Refusal(404, `Entry not found: ${path}`, "EntryNotFound");
  } else if (key === "deletedFolder") {
    for (const one of entries.keys()) if (one.startsWith(`${path}/`)) entries.delete(one);
  } else if (key === "lfsFile") {
    const { oid, size } = value;
    if (hub.store.sizeOf(repo, oid) !== size)
      throw new Refusal(400, `an LFS pointer pointed to a file that does not exist. Offending file: - ${path}`);
    entries.set(path, { path, size, open: hub.store.opener(repo, oid), ...pointer(oid, size) });
  } else if (key === "file") {
    const data = Buffer.from(value.content, value.encoding === "base64" ? "base64" : "utf8");
    if (isLfs(path, data.length)) throw new Refusal(400, `${path} is a binary or large file: upload it to LFS`);
    const oid = createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");
    entries.set(path, {
      path,
      size: data.length,
      oid,
      open: (start, end) => Readable.from([data.subarray(start, end)]),
    });
  } else throw new Refusal(400, `Unknown operation: ${key}`);
}
