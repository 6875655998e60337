import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { fileHash, hashToHex, hexToBytes, verificationHash } from "@huggingface/xetchunk-wasm";
import { lookedUp, readShard, type Term } from "./shard.ts";
import { type PackedChunk, readXorb, unpacked } from "./xorb.ts";

/** A file as it was put together: its terms, and where each of them begins. */
export interface XetFile {
  readonly size: number;
  readonly terms: readonly (Term & { readonly start: number })[];
}

/** Content-addressed storage: chunks in xorbs, and files of runs of chunks. It believes nothing that it can work out. */
export class Cas {
  readonly xorbs = new Map<string, readonly PackedChunk[]>();
  readonly files = new Map<string, XetFile>();
  /** Shards by the chunks of which they tell. */
  readonly #shards = new Map<string, Buffer>();
  #dir: Promise<string> | undefined;

  /** True where the xorb is new; throws for bytes that are not those of this hash. */
  async putXorb(hash: string, bytes: Buffer): Promise<boolean> {
    const chunks = readXorb(bytes, hash);
    if (this.xorbs.has(hash)) return false;
    await writeFile(await this.xorbPath(hash), bytes.subarray(0, chunks.at(-1)!.end));
    this.xorbs.set(hash, chunks);
    return true;
  }

  /** Throws for files of chunks that are not there, or that have not the hash of their file. */
  putShard(bytes: Buffer): boolean {
    const { files, xorbs } = readShard(bytes);
    for (const { hash, chunks } of xorbs) {
      const there = this.xorbs.get(hash)?.map((chunk) => chunk.hash);
      if (there?.join() !== chunks.join()) throw new Error(`xorb ${hash}: is not there, or has other chunks`);
    }
    const checked = files.map(({ hash, terms }) => [hash, this.#checked(hash, terms)] as const);
    const isNew = checked.some(([hash]) => !this.files.has(hash));
    for (const [hash, file] of checked) this.files.set(hash, file);
    for (const { chunks } of xorbs) for (const chunk of chunks) this.#shards.set(chunk, lookedUp(bytes));
    return isNew;
  }

  /** The shard that tells where this chunk and its neighbours are. */
  shardOf(chunk: string): Buffer | undefined {
    return this.#shards.get(chunk);
  }

  /** A file's bytes from `start` up to `end`, put together of its chunks. */
  open(hash: string, start: number, end: number): Readable {
    return Readable.from(this.#bytes(this.files.get(hash)!, start, end));
  }

  async xorbPath(hash: string): Promise<string> {
    this.#dir ??= mkdtemp(path.join(tmpdir(), "hub-xorbs-"));
    return path.join(await this.#dir, hash);
  }

  async close(): Promise<void> {
    if (this.#dir) await rm(await this.#dir, { recursive: true, force: true });
  }

  async *#bytes({ terms }: XetFile, start: number, end: number): AsyncGenerator<Buffer> {
    for (const term of terms) {
      if (term.start >= end || term.start + term.length <= start) continue;
      const xorb = await open(await this.xorbPath(term.xorb));
      try {
        let at = term.start;
        for (const chunk of this.xorbs.get(term.xorb)!.slice(term.first, term.end)) {
          const [from, to] = [Math.max(0, start - at), Math.min(chunk.length, end - at)];
          at += chunk.length;
          if (from >= to) continue;
          const packed = Buffer.alloc(chunk.end - chunk.start);
          await xorb.read(packed, 0, packed.length, chunk.start);
          yield unpacked(packed).subarray(from, to);
        }
      } finally {
        await xorb.close();
      }
    }
  }

  #checked(hash: string, terms: readonly Term[]): XetFile {
    const all: PackedChunk[] = [];
    const placed = [];
    let size = 0;
    for (const term of terms) {
      const chunks = this.xorbs.get(term.xorb)?.slice(term.first, term.end) ?? [];
      const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      if (chunks.length !== term.end - term.first || chunks.length === 0 || length !== term.length)
        throw new Error(`file ${hash}: xorb ${term.xorb} has not these ${term.length} bytes`);
      const proof = hashToHex(verificationHash(chunks.map((chunk) => hexToBytes(chunk.hash))));
      if (term.proof !== proof) throw new Error(`file ${hash}: who sends it does not know its chunks`);
      placed.push({ ...term, start: size });
      all.push(...chunks);
      size += length;
    }
    const found = hashToHex(fileHash(all.map((chunk) => ({ hash: hexToBytes(chunk.hash), length: chunk.length }))));
    if (found !== hash) throw new Error(`file ${hash}: its chunks are those of ${found}`);
    return { size, terms: placed };
  }
}
