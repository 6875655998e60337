import type { Bucket } from "./buckets/bucket.ts";
import type { ObjectStore } from "./object-store.ts";
import { Refusal } from "./reply.ts";
import type { Repo } from "./repos.ts";
import type { Context } from "./router.ts";
import type { Signer } from "./signing.ts";
import type { Entry } from "./snapshot.ts";
import type { Cas } from "./xet/cas.ts";

export interface Identity {
  readonly name: string;
  readonly role: "read" | "write";
  /** Others than the user's own name under which they may write. */
  readonly orgs?: readonly string[];
}

/** What all routes share. */
export interface HubState {
  endpoint: string;
  cdn: string;
  third: string;
  readonly repos: Map<string, Repo>;
  readonly buckets: Map<string, Bucket>;
  readonly tokens: ReadonlyMap<string, Identity>;
  readonly signer: Signer;
  readonly pageSize: number;
  readonly urlTtlSeconds: number;
  /** What the CDN can serve, by the path of its URLs. */
  readonly objects: Map<string, Entry>;
  readonly store: ObjectStore;
  /** Where the bytes of buckets lie, and the tokens that it takes. */
  readonly cas: Cas;
  readonly xetTokens: Map<string, { readonly may: "read" | "write"; readonly untilMs: number }>;
  /** Counts a commit of a user's; false where the hour's quota is used up. */
  readonly takeCommit: (user: string) => boolean;
}

export function actorOf(authorization: string | undefined, tokens: HubState["tokens"]): Identity | undefined {
  if (authorization === undefined) return undefined;
  const actor = tokens.get(authorization.replace(/^Bearer /i, ""));
  if (actor === undefined) throw new Refusal(401, "Invalid credentials in Authorization header");
  return actor;
}

/** Refuses who may not write under a name. */
export function writer({ actor }: Pick<Context, "actor">, owner: string): void {
  if (actor === undefined) throw new Refusal(401, "Invalid username or password.");
  if (actor.role !== "write")
    throw new Refusal(403, "Forbidden: you must use a write token to upload to a repository.");
  if (actor.name !== owner && !actor.orgs?.includes(owner))
    throw new Refusal(403, `You don't have the rights to write under the namespace "${owner}"`);
}

/** The repository that a URL names, if the actor may write to it. */
export function writableRepo(context: Context): Repo {
  const repo = repoFor(context, "content");
  writer(context, repo.id.split("/")[0]!);
  return repo;
}

/** The repository that a URL names, if the actor may see it; `content` also asks for the right to its files. */
export function repoFor(context: Context, need: "metadata" | "content"): Repo {
  const { hub, actor, params } = context;
  const id = `${params["owner"]}/${params["name"]}`;
  const repo = hub.repos.get(id);
  const granted = actor !== undefined && (repo?.granted?.includes(actor.name) ?? true);
  if (repo === undefined || (repo.access === "private" && !granted)) {
    // To the anonymous, what is missing and what is private look alike.
    if (actor === undefined) throw new Refusal(401, "Invalid username or password.", "RepoNotFound");
    throw new Refusal(404, "Repository not found", "RepoNotFound");
  }
  if (repo.access === "disabled") throw new Refusal(403, "Access to this resource is disabled.");
  if (repo.access === "gated" && need === "content" && !granted) {
    const [status, todo] =
      actor === undefined ? [401, "Please log in."] : [403, `Visit ${hub.endpoint}/datasets/${id} to ask for access.`];
    throw new Refusal(
      status,
      `Access to dataset ${id} is restricted and you are not in the authorized list. ${todo}`,
      "GatedRepo",
    );
  }
  return repo;
}
