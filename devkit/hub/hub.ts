import type { IncomingMessage, ServerResponse } from "node:http";
import { newBucket } from "./buckets/bucket.ts";
import { bucketRoutes } from "./buckets/bucket-routes.ts";
import { bucketBytesRoutes } from "./buckets/bytes-routes.ts";
import { cdnRoutes } from "./cdn-routes.ts";
import { commitRoutes } from "./commit-routes.ts";
import { createRoutes } from "./create-routes.ts";
import { type Fault, FaultPicker } from "./faults.ts";
import { jobRoutes, type RunJob } from "./job-routes.ts";
import { lfsRoutes, storeRoutes } from "./lfs-routes.ts";
import { bucketOf, Hourly, Limits, type Quotas } from "./limits.ts";
import { Link, type LinkOptions } from "./link.ts";
import { type Counters, countRequests, type Host, type LoggedRequest } from "./log.ts";
import { answer, type Machine } from "./middleware.ts";
import { ObjectStore } from "./object-store.ts";
import { repoRoutes } from "./repo-routes.ts";
import { Repo, type RepoOptions } from "./repos.ts";
import { resolveRoutes } from "./resolve-routes.ts";
import { listen } from "./server.ts";
import { Signer } from "./signing.ts";
import type { HubState, Identity } from "./state.ts";
import { TokenGuard } from "./token-guard.ts";
import { treeRoutes } from "./tree-routes.ts";
import { Cas } from "./xet/cas.ts";
import { casRoutes } from "./xet/cas-routes.ts";

export { memoryContent } from "./content.ts";
export type { Fault, FaultAction } from "./faults.ts";
export type { Counters, LoggedRequest } from "./log.ts";
export type { Repo, RepoOptions } from "./repos.ts";

export const DEFAULT_REPO = "voxshard/m3d-mini";

export interface HubOptions {
  /** A folder that is served as `repo`. */
  readonly dir?: string;
  readonly repo?: string;
  readonly repos?: readonly RepoOptions[];
  /** Ids of buckets that are there, and private. */
  readonly buckets?: readonly string[];
  /** Known tokens; they start with hf_. */
  readonly tokens?: Readonly<Record<string, Identity>>;
  /** Entries on a page of the tree; a tenth of it with `expand`. */
  readonly pageSize?: number;
  readonly urlTtlSeconds?: number;
  readonly quotas?: Quotas;
  readonly windowSeconds?: number;
  /** Ms since the epoch, by which the windows are counted. */
  readonly now?: () => number;
  readonly faults?: readonly Fault[];
  readonly port?: number;
  /** A slow link to all clients together; without it, as fast as it goes. */
  readonly link?: LinkOptions | undefined;
  /** Commits that a user may make in an hour; 128. */
  readonly commitsAnHour?: number;
  /** Carries out what is asked of Hugging Face Jobs; without it, nobody may run any. */
  readonly jobs?: RunJob;
  /** Uploads above this come in parts of this size; 100 MB. */
  readonly partBytes?: number;
}

export interface Hub {
  readonly endpoint: string;
  readonly cdn: string;
  readonly third: string;
  /** Every request so far; see also `counters`. */
  readonly log: readonly LoggedRequest[];
  /** May be changed at any time. */
  readonly faults: Fault[];
  readonly leaks: readonly string[];
  readonly state: HubState;
  /** By id; the first one without. */
  repo(id?: string): Repo;
  counters(): Counters;
  resetLog(): void;
  /** Lets all CDN URLs handed out so far expire. */
  expireUrls(): void;
  assertNoLeaks(): void;
  /** Throws if a token ever came to another host than the Hub. */
  close(): Promise<void>;
}

/** Starts a Hub on 127.0.0.1, its CDN on 127.0.0.2, and a third host that serves what the CDN does on 127.0.0.3. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const machine = await assemble(options);
  const { state, log, faults, guard } = machine;
  const listener = (host: Host) => (request: IncomingMessage, response: ServerResponse) => {
    answer(machine, host, request, response).catch(() => response.destroy());
  };
  const servers = [
    await listen("127.0.0.1", options.port ?? 0, listener("hub")),
    await listen("127.0.0.2", 0, listener("cdn")),
    await listen("127.0.0.3", 0, listener("third")),
  ];
  [state.endpoint, state.cdn, state.third] = servers.map(({ url }) => url) as [string, string, string];
  return {
    endpoint: state.endpoint,
    cdn: state.cdn,
    third: state.third,
    log,
    faults,
    leaks: guard.leaks,
    state,
    repo: (id) => state.repos.get(id ?? state.repos.keys().next().value ?? "")!,
    counters: () => countRequests(log, bucketOf),
    resetLog: () => log.splice(0),
    expireUrls: () => state.signer.expireAll(),
    assertNoLeaks: () => guard.assertClean(),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await state.store.close();
      await state.cas.close();
      guard.assertClean();
    },
  };
}

async function assemble(options: HubOptions): Promise<Machine> {
  const { dir, repo = DEFAULT_REPO, repos = [], tokens = {} } = options;
  const commits = new Hourly(options.commitsAnHour ?? 128, options.now);
  const state: HubState = {
    endpoint: "",
    cdn: "",
    third: "",
    repos: new Map(),
    buckets: new Map((options.buckets ?? []).map((id) => [id, newBucket(id)])),
    tokens: new Map(Object.entries(tokens)),
    signer: new Signer(),
    pageSize: options.pageSize ?? 1000,
    urlTtlSeconds: options.urlTtlSeconds ?? 3600,
    objects: new Map(),
    store: new ObjectStore(options.partBytes ?? 100_000_000),
    cas: new Cas(),
    xetTokens: new Map(),
    takeCommit: (user) => commits.take(user),
  };
  for (const each of dir === undefined ? repos : [{ id: repo, dir }, ...repos]) {
    const added = new Repo(each);
    await added.refresh();
    state.repos.set(added.id, added);
  }
  const writing = [...createRoutes, ...lfsRoutes, ...commitRoutes, ...jobRoutes(options.jobs)];
  return {
    state,
    routes: {
      hub: [...repoRoutes, ...treeRoutes, ...resolveRoutes, ...bucketRoutes, ...bucketBytesRoutes, ...writing],
      cdn: [...cdnRoutes, ...storeRoutes, ...casRoutes],
    },
    limits: new Limits(options.quotas ?? {}, options.windowSeconds ?? 300, options.now),
    guard: new TokenGuard(Object.keys(tokens)),
    faults: [...(options.faults ?? [])],
    picker: new FaultPicker(),
    log: [],
    link: options.link && new Link(options.link),
  };
}
