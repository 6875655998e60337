import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { sweepTemporaries, temporaryName } from "../files/temporary-files.ts";
import { writeFault } from "../files/whole-file.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import type { Store } from "./store.ts";

/** Objects that are brought at once: they are small, and it is their number that takes time. */
const AT_ONCE = 16;
const NAME = "voxshard";

/**
 * A folder of this machine that holds some of a store's objects, each under its key as a path: what works on a folder works
 * on a store once what it reads was brought, and what it wrote is sent.
 */
export class Mirror {
  readonly folder: string;
  /** The store's address. */
  readonly address: string;
  private readonly store: Store;
  private readonly signal: AbortSignal | undefined;

  constructor(store: Store, address: string, folder: string, signal?: AbortSignal) {
    this.store = store;
    this.address = address.replace(/\/+$/, "");
    this.folder = folder;
    this.signal = signal;
  }

  /** As the store's own. */
  get isAtomic(): boolean {
    return this.store.isAtomic;
  }

  /** Brings one file; false where the store has no such object. */
  bring(file: string): Promise<boolean> {
    return this.store.get(this.keyOf(file), file, this.signal);
  }

  /** Brings all files of a folder. */
  async bringAll(folder: string): Promise<void> {
    const bring = ({ key }: { readonly key: string }) => this.bring(path.join(this.folder, ...key.split("/")));
    for await (const _ of mapBounded(
      this.store.list(`${this.keyOf(folder)}/`, this.signal),
      { limit: AT_ONCE },
      bring,
    ));
  }

  /** Sends files, many at once. */
  async sendAll(files: Iterable<string>): Promise<void> {
    for await (const _ of mapBounded(files, { limit: AT_ONCE }, (file) => this.send(file)));
  }

  /** Sends one file unless the store has one of this name; false where it does. */
  sendFirst(file: string): Promise<boolean> {
    return this.store.putIfAbsent(this.keyOf(file), file, this.signal);
  }

  /** Sends one file; another of its name in the store gives way, and the same bytes are left as they are. */
  async send(file: string): Promise<void> {
    while (!(await this.sendFirst(file))) {
      if (await this.isSame(file)) return;
      await this.remove(file);
    }
  }

  /** Sends one file that has changed since it was sent. */
  async sendAnew(file: string): Promise<void> {
    await this.remove(file);
    await this.send(file);
  }

  /** Removes a file from the store. */
  remove(file: string): Promise<void> {
    return this.store.delete(this.keyOf(file), this.signal);
  }

  /** The bytes of an object; undefined where there is none. */
  async sizeOf(file: string): Promise<number | undefined> {
    const key = this.keyOf(file);
    for await (const one of this.store.list(key, this.signal)) if (one.key === key) return one.byteLength;
    return undefined;
  }

  /** The sizes of all objects of a folder, by key. */
  async sizesIn(folder: string): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for await (const { key, byteLength } of this.store.list(`${this.keyOf(folder)}/`, this.signal))
      sizes.set(key, byteLength);
    return sizes;
  }

  /** Where the objects of a folder would lie here. */
  async filesIn(folder: string): Promise<readonly string[]> {
    return [...(await this.sizesIn(folder)).keys()].map((key) => path.join(this.folder, ...key.split("/")));
  }

  /** Any key that the store has outside a folder; undefined where it is empty. */
  async anyKeyBut(folder: string): Promise<string | undefined> {
    const within = `${this.keyOf(folder)}/`;
    for await (const { key } of this.store.list("", this.signal)) if (!key.startsWith(within)) return key;
    return undefined;
  }

  private keyOf(file: string): string {
    return path.relative(this.folder, file).split(path.sep).join("/");
  }

  private async isSame(file: string): Promise<boolean> {
    const other = `${file}.there`;
    try {
      return (
        (await this.store.get(this.keyOf(file), other, this.signal)) && (await hashOf(file)) === (await hashOf(other))
      );
    } finally {
      await rm(other, { force: true });
    }
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Runs `work` on a store by way of a folder of its own under TMPDIR, which goes when the work ends. Errors that name the
 * folder name the store instead.
 */
export async function withMirror<T>(
  store: Store,
  address: string,
  work: (mirror: Mirror) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await sweepTemporaries(tmpdir(), NAME);
  const folder = path.join(tmpdir(), temporaryName(NAME));
  await mkdir(folder, { mode: 0o700 }).catch((error) => {
    throw writeFault(error, folder);
  });
  const mirror = new Mirror(store, address, folder, signal);
  try {
    return await work(mirror);
  } catch (error) {
    if (!(error instanceof EtlError) || !error.message.includes(folder)) throw error;
    throw new EtlError(error.fault.kind, error.message.replaceAll(folder, mirror.address), error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
