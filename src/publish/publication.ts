import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { EtlError } from "../errors.ts";
import { readCard } from "../hub/card.ts";
import { commitLines, type Head, isIn, readHead } from "../hub/commit.ts";
import type { HubClient } from "../hub/hub-client.ts";
import { type CommitLine, stage } from "../hub/stage.ts";
import { readTextFile } from "../hub/text-file.ts";
import type { Sent, VerifiedShard } from "../model/verified.ts";
import { unfinishedCard } from "./card.ts";
import { isSameFile } from "./content-ids.ts";

/** Files a commit: the Hub advises 50 to 100, and allows about 128 commits an hour. */
const FILES_A_COMMIT = 50;
/** What goes into one round of uploads: the library sends five files at once, and hashes a round before it sends. */
const ROUND_BYTES = 2_500_000_000;
/** Names that we give to shards, and so may delete when they are stale. */
const SHARD = /^data\/[\w.]+-\d{5}-of-\d{5}\.(?:parquet|arrow)$/;

export interface PublicationOptions {
  readonly client: HubClient;
  readonly id: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes and shards that are in the store now and were not counted before; negative bytes when an attempt failed. */
  readonly onProgress?: ((bytes: number, shards: number) => void) | undefined;
}

/** What a publication did. */
export interface Done {
  readonly commits: number;
  readonly sent: { readonly files: number; readonly bytes: number };
  readonly deleted: number;
  readonly commit: string;
}

/**
 * A data set on its way to the Hub: uploads first, commits later, whole at every commit.
 *
 * Shards with new names are committed in batches: the card in force does not name them, since a card's globs hold the
 * number of shards, so a reader sees the old data set as it was. Whatever would change what the card names (shards
 * with the same name and other bytes, deletions, index, rejects, the card itself) waits for the last commit, which
 * switches all at once. That commit alone may have more than 50 lines; its bytes are in the store by then. Where
 * nothing was published before, the first batch brings a card that says so and loads nothing, so that a part is never
 * taken for the whole.
 */
export class Publication {
  private readonly options: PublicationOptions;
  private head: Head;
  private isProtected: boolean;
  private readonly added: CommitLine[] = [];
  private readonly replaced: CommitLine[] = [];
  private commits = 0;
  private readonly sent = { files: 0, bytes: 0 };

  private constructor(options: PublicationOptions, head: Head, isProtected: boolean) {
    this.options = options;
    this.head = head;
    this.isProtected = isProtected;
  }

  /** Looks at what is there. Files that this program did not publish are not touched: that is an error. */
  static async open(options: PublicationOptions): Promise<Publication> {
    const { client, id, signal } = options;
    const head = await readHead(client, id, signal);
    const readme = head.files.has("README.md")
      ? await readTextFile(client, id, head.commit, "README.md", signal)
      : undefined;
    const isOurs = [readCard(readme).front["tags"] ?? []].flat().includes("voxshard");
    const others = [...head.files.keys()].filter((path) => path !== "README.md" && path !== ".gitattributes");
    if (!isOurs && others.length > 0)
      throw new EtlError(
        "cannot-write",
        `${id}: holds ${others[0]}, which voxshard did not publish; choose another name, or empty it first`,
      );
    return new Publication(options, head, isOurs);
  }

  /** A file of the data set besides these and those that every one has. */
  otherThan(names: readonly string[], owned: RegExp): string | undefined {
    const known = [...names, "README.md", ".gitattributes"];
    return [...this.head.files.keys()].find((path) => !known.includes(path) && !owned.test(path));
  }

  /** True when the data set has the shard, byte for byte. */
  has({ path, sha256 }: { readonly path: string; readonly sha256: string }): boolean {
    return this.head.files.get(path)?.contentId === sha256;
  }

  /** Sends those shards that are not there, and commits whenever a batch is full. True: the store holds every one. */
  async add(shards: readonly VerifiedShard[]): Promise<boolean> {
    const { onProgress } = this.options;
    const missing = shards.filter((shard) => !this.has(shard));
    const bytesOf = (list: readonly VerifiedShard[]) => list.reduce((sum, { byteLength }) => sum + byteLength, 0);
    onProgress?.(bytesOf(shards) - bytesOf(missing), shards.length - missing.length);
    let inStore = true;
    for (const round of rounds(missing)) {
      const before = this.sent.bytes;
      const lines = await this.stage(round, onProgress);
      const expected = new Map(round.map((shard) => [shard.path, shard.sha256]));
      for (const line of lines) {
        if (sha256Of(line) !== expected.get(line.value.path))
          throw new EtlError("not-verified", `${line.value.path}: has changed since it was verified; verify it again`);
        if (line.key !== "lfsFile") inStore = false;
        (this.head.files.has(line.value.path) ? this.replaced : this.added).push(line);
      }
      // What the store had already, from a run that was stopped, counts too.
      onProgress?.(bytesOf(round) - (this.sent.bytes - before), round.length);
      await this.commitFull();
    }
    return inStore;
  }

  /** Takes shards that the store has already, but no commit yet. */
  async addSent(sent: readonly Sent[]): Promise<void> {
    for (const { path, sha256, byteLength } of sent)
      if (!this.has({ path, sha256 }))
        (this.head.files.has(path) ? this.replaced : this.added).push({
          key: "lfsFile",
          value: { path, algo: "sha256", oid: sha256, size: byteLength },
        });
    await this.commitFull();
  }

  /** The switch: everything not committed yet, the summaries and the card, and stale shards deleted. */
  async finish(final: {
    readonly card: string;
    readonly files: readonly { readonly path: string; readonly file: string }[];
    /** Paths of all shards of the data set; others with a shard's name are stale. */
    readonly shards: readonly string[];
    /** Names that are stale where they are not among `files`. */
    readonly owned?: RegExp | undefined;
    readonly title?: string | undefined;
  }): Promise<Done> {
    const changed = [];
    for (const one of final.files) if (!(await isSameFile(this.head.files.get(one.path), one.file))) changed.push(one);
    this.replaced.push(...(await this.stage(changed)), textLine("README.md", final.card));
    while (this.added.length > 0 && this.added.length + final.files.length + 1 > FILES_A_COMMIT)
      await this.commitAdded();
    const keep = new Set([...final.shards, ...final.files.map((one) => one.path)]);
    const isOurs = (path: string) => SHARD.test(path) || final.owned?.test(path);
    const stale = [...this.head.files.keys()].filter((path) => isOurs(path) && !keep.has(path));
    const deletions = stale.map((path): CommitLine => ({ key: "deletedFile", value: { path } }));
    const lines = [...this.added.splice(0), ...this.replaced.splice(0), ...deletions];
    await this.commit(final.title ?? `Publish ${final.shards.length} shards, their index and card`, lines);
    return { commits: this.commits, sent: this.sent, deleted: stale.length, commit: this.head.commit };
  }

  private async stage(
    files: readonly { readonly path: string; readonly file: string }[],
    onProgress?: PublicationOptions["onProgress"],
  ): Promise<readonly CommitLine[]> {
    const { client, id, signal } = this.options;
    const onBytes = (bytes: number) => {
      this.sent.bytes += bytes;
      onProgress?.(bytes, 0);
    };
    const urls = files.map(({ path, file }) => ({ path, content: pathToFileURL(file) }));
    const lines = await stage(client, urls, { id, signal, onBytes });
    this.sent.files += lines.filter((line) => !isIn(this.head, line)).length;
    return lines;
  }

  private async commitFull(): Promise<void> {
    while (this.added.length >= FILES_A_COMMIT) await this.commitAdded();
  }

  private async commitAdded(): Promise<void> {
    const lines = this.added.splice(0, FILES_A_COMMIT - (this.isProtected ? 0 : 1));
    if (!this.isProtected) lines.push(textLine("README.md", unfinishedCard));
    await this.commit(`Add ${lines.length} files of a data set that is being uploaded`, lines);
    this.isProtected = true;
  }

  private async commit(title: string, lines: readonly CommitLine[]): Promise<void> {
    const { client, id, signal } = this.options;
    const before = this.head.commit;
    this.head = await commitLines(client, id, this.head, title, lines, signal);
    if (this.head.commit !== before) this.commits += 1;
  }
}

function rounds(shards: readonly VerifiedShard[]): readonly (readonly VerifiedShard[])[] {
  const found: VerifiedShard[][] = [];
  let bytes = 0;
  for (const shard of shards) {
    const last = found.at(-1);
    if (last && last.length < FILES_A_COMMIT && bytes + shard.byteLength <= ROUND_BYTES) last.push(shard);
    else found.push([shard]);
    bytes = (last === found.at(-1) ? bytes : 0) + shard.byteLength;
  }
  return found;
}

function textLine(path: string, text: string): CommitLine {
  return { key: "file", value: { path, content: Buffer.from(text).toString("base64"), encoding: "base64" } };
}

function sha256Of({ key, value }: CommitLine): string | undefined {
  if (key === "lfsFile") return value.oid;
  return key === "file" ? createHash("sha256").update(Buffer.from(value.content, "base64")).digest("hex") : undefined;
}
