import { createHash } from "node:crypto";
import { json, Refusal, type Reply } from "./reply.ts";
import { type Context, type Route, route } from "./router.ts";
import type { Entry } from "./snapshot.ts";
import { repoFor } from "./state.ts";

/** No time of day goes into answers: equal folders give equal metadata. */
export const COMMIT_DATE = "2024-05-01T00:00:00.000Z";

export const repoRoutes: readonly Route[] = [
  route("whoami", "GET", "/api/whoami-v2", whoami),
  route("refs", "GET", "/api/datasets/:owner/:name/refs", refs),
  route("revision", "GET", "/api/datasets/:owner/:name/revision/:rev", info),
  route("revision", "GET", "/api/datasets/:owner/:name", info),
];

function info(context: Context): Reply {
  const repo = repoFor(context, "metadata");
  const snapshot = repo.at(context.params["rev"] ?? "main");
  const blobs = context.url.searchParams.get("blobs") === "true";
  const [author] = repo.id.split("/");
  return json({
    _id: createHash("md5").update(repo.id).digest("hex").slice(0, 24),
    id: repo.id,
    author,
    sha: snapshot.sha,
    lastModified: COMMIT_DATE,
    createdAt: COMMIT_DATE,
    private: repo.access === "private",
    gated: repo.access === "gated" ? "manual" : false,
    disabled: false,
    tags: ["task_categories:image-to-text", "license:apache-2.0"],
    downloads: 0,
    likes: 0,
    usedStorage: [...snapshot.entries.values()].reduce((sum, { size }) => sum + size, 0),
    siblings: [...snapshot.entries.values()].map((entry) => sibling(entry, blobs)),
  });
}

function sibling(entry: Entry, blobs: boolean): object {
  if (!blobs) return { rfilename: entry.path };
  const lfs = entry.lfs && { sha256: entry.lfs.sha256, size: entry.size, pointerSize: entry.lfs.pointerSize };
  return { rfilename: entry.path, size: entry.size, blobId: entry.oid, ...(lfs && { lfs }) };
}

function refs(context: Context): Reply {
  const all = [...repoFor(context, "metadata").refs].map(([name, sha]) => ({ name, targetCommit: sha }));
  const branches = all
    .filter(({ name }) => !name.startsWith("refs/"))
    .map((ref) => ({ ...ref, ref: `refs/heads/${ref.name}` }));
  const pullRequests = all.filter(({ name }) => name.startsWith("refs/pr/")).map((ref) => ({ ...ref, ref: ref.name }));
  return json({ branches, converts: [], tags: [], pullRequests });
}

function whoami({ actor }: Context): Reply {
  if (actor === undefined) throw new Refusal(401, "Invalid username or password.");
  return json({
    type: "user",
    id: createHash("md5").update(actor.name).digest("hex").slice(0, 24),
    name: actor.name,
    fullname: actor.name,
    email: `${actor.name}@example.org`,
    emailVerified: true,
    isPro: false,
    canPay: false,
    avatarUrl: "/avatars/none.svg",
    periodEnd: null,
    orgs: (actor.orgs ?? []).map((name) => ({ type: "org", name, roleInOrg: "write" })),
    auth: {
      type: "access_token",
      accessToken: { displayName: "test", role: actor.role, createdAt: COMMIT_DATE },
    },
  });
}
