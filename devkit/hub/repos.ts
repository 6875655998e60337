import { type ContentProvider, folderContent, memoryContent } from "./content.ts";
import { Refusal } from "./reply.ts";
import { type Entry, entriesOf, type Snapshot, snapshotOf } from "./snapshot.ts";

export type Access = "public" | "private" | "gated" | "disabled";

export interface RepoOptions {
  readonly id: string;
  readonly dir?: string;
  /** Instead of `dir`: content that is made up, or lies in memory. */
  readonly content?: ContentProvider;
  readonly access?: Access;
  /** The token names let into a private or gated repository; without it, every known token is. */
  readonly granted?: readonly string[];
  /** Files above this many bytes lie in LFS; default 10,000. */
  readonly lfsThreshold?: number;
}

/** A data set repository: its refs, and every commit that they ever pointed to. */
export class Repo {
  readonly id: string;
  access: Access;
  granted: readonly string[] | undefined;
  readonly lfsThreshold: number;
  /** `main`, `refs/pr/1`, …: the sha that each points to. */
  readonly refs = new Map<string, string>();
  readonly commits = new Map<string, Snapshot>();
  readonly #content: ContentProvider;

  constructor(options: RepoOptions) {
    this.id = options.id;
    this.access = options.access ?? "public";
    this.granted = options.granted;
    this.lfsThreshold = options.lfsThreshold ?? 10_000;
    this.#content = options.content ?? (options.dir === undefined ? memoryContent({}) : folderContent(options.dir));
  }

  /** Reads the content anew, and moves main to what it holds now. */
  async refresh(title = "Upload folder"): Promise<Snapshot> {
    const snapshot = snapshotOf(await entriesOf(this.#content, this.lfsThreshold), title);
    return this.commit(snapshot, "main");
  }

  /** Moves a ref to a new commit with other files, or the same; the old sha is still served. */
  move(ref = "main", title = "Moved", entries?: Iterable<Entry>): Snapshot {
    const parent = this.at(ref);
    return this.commit(snapshotOf(entries ?? parent.entries.values(), title, parent.sha), ref);
  }

  commit(snapshot: Snapshot, ref: string): Snapshot {
    this.commits.set(snapshot.sha, snapshot);
    this.refs.set(ref, snapshot.sha);
    return snapshot;
  }

  /** The commit of a revision as clients write it: a branch, `refs/…`, HEAD, a sha or the start of one. */
  at(revision: string): Snapshot {
    const ref = revision === "HEAD" ? "main" : revision.replace(/^refs\/heads\//, "");
    const found = this.commits.get(this.refs.get(ref) ?? ref);
    if (found) return found;
    for (const [sha, commit] of this.commits) if (/^[0-9a-f]{7,}$/.test(ref) && sha.startsWith(ref)) return commit;
    throw new Refusal(404, `Invalid rev id: ${revision}`, "RevisionNotFound");
  }
}
