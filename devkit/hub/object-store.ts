import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Repo } from "./repos.ts";
import type { Entry } from "./snapshot.ts";

/** A file that comes in parts, each written to its place. */
export interface Multipart {
  readonly oid: string;
  readonly size: number;
  readonly partBytes: number;
  readonly etags: Map<number, string>;
}
interface Saved {
  readonly sha256: string;
  readonly md5: string;
  readonly size: number;
}

/** What was uploaded, by repository and sha256; on disk, and gone with the Hub. */
export class ObjectStore {
  /** Above this a file comes in parts of this many bytes. */
  readonly partBytes: number;
  readonly multiparts = new Map<string, Multipart>();
  readonly #stored = new Map<string, number>();
  #dir: Promise<string> | undefined;

  constructor(partBytes: number) {
    this.partBytes = partBytes;
  }

  /** The size of a repository's object: one that was uploaded, or of a file in any of its commits. */
  sizeOf(repo: Repo, oid: string): number | undefined {
    const uploaded = this.#stored.get(`${repo.id} ${oid}`);
    return uploaded ?? this.#committed(repo, oid)?.size;
  }

  /** Opens a range of an object that `sizeOf` knows. */
  opener(repo: Repo, oid: string): Entry["open"] {
    const file = this.#dir?.then((dir) => path.join(dir, oid));
    const committed = this.#committed(repo, oid);
    if (!this.#stored.has(`${repo.id} ${oid}`) && committed) return committed.open;
    return (start, end) =>
      start >= end
        ? Readable.from([])
        : Readable.from(
            (async function* () {
              yield* createReadStream((await file) ?? "", { start, end: end - 1, highWaterMark: 1 << 18 });
            })(),
          );
  }

  /** Writes what comes to a file of its own, or into the place of a part. */
  async save(name: string, incoming: AsyncIterable<Buffer>, at?: number): Promise<Saved> {
    const file = await this.#file(name);
    if (at !== undefined) await open(file, "a").then((handle) => handle.close());
    const [sha256, md5] = [createHash("sha256"), createHash("md5")];
    let size = 0;
    const counted = async function* () {
      for await (const chunk of incoming) {
        size += chunk.length;
        if (at === undefined) sha256.update(chunk);
        else md5.update(chunk);
        yield chunk;
      }
    };
    const place = at === undefined ? {} : { flags: "r+", start: at };
    await pipeline(counted, createWriteStream(file, place));
    return { sha256: sha256.digest("hex"), md5: md5.digest("hex"), size };
  }

  /** What a file that came in parts has become. */
  async sumOf(name: string): Promise<string> {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(await this.#file(name), { highWaterMark: 1 << 20 })) hash.update(chunk);
    return hash.digest("hex");
  }

  /** A saved file is an object of the repository's from now on. */
  async keep(repoId: string, name: string, oid: string, size: number): Promise<void> {
    await rename(await this.#file(name), await this.#file(oid));
    this.#stored.set(`${repoId} ${oid}`, size);
  }

  async drop(name: string): Promise<void> {
    await rm(await this.#file(name), { force: true });
  }

  /** As a store that has lost what no commit names yet. */
  forget(): void {
    this.#stored.clear();
  }

  async close(): Promise<void> {
    if (this.#dir) await rm(await this.#dir, { recursive: true, force: true });
  }

  async #file(name: string): Promise<string> {
    this.#dir ??= mkdtemp(path.join(tmpdir(), "hub-store-"));
    return path.join(await this.#dir, name);
  }

  #committed(repo: Repo, oid: string): Entry | undefined {
    for (const { entries } of repo.commits.values())
      for (const entry of entries.values()) if (entry.lfs?.sha256 === oid) return entry;
    return undefined;
  }
}
