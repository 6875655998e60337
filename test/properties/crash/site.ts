import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { type Fault, type Hub, startHub } from "../../../devkit/hub/hub.ts";
import type { Reply } from "../../../devkit/hub/reply.ts";
import { writePhantomRepo } from "../../../devkit/phantoms/phantom-repo.ts";
import { type Ended, Runs } from "../../runs.ts";
import { type Files, filesOf } from "../determined-files.ts";
import type { StepEvent } from "./steps.ts";

export const REPO = "phantoms/M3D-Cap";
export type Format = "parquet" | "arrow";

export interface RunOptions {
  readonly out: string;
  /** Else the repository's main branch. */
  readonly source?: string;
  readonly format?: Format;
  readonly workers?: number;
  readonly connections?: number;
  readonly more?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: { readonly at: number; readonly do: StepEvent };
}

const SIZE = { archives: 2, casesPerArchive: 2, seriesPerCase: 2, slices: 4, height: 48, width: 48 };

/** A small repository of 8 series behind a Hub of its own, and what a run that nothing disturbs makes of it. */
export class Site {
  readonly hub: Hub;
  readonly runs = new Runs(new URL("./steps.js", import.meta.url));
  readonly root: string;
  private readonly references = new Map<Format, Promise<Files>>();
  private folders = 0;
  private constructor(root: string, hub: Hub) {
    this.root = root;
    this.hub = hub;
  }

  static async make(): Promise<Site> {
    const root = await mkdtemp(path.join(tmpdir(), "crash-"));
    const repo = path.join(root, "repo");
    await mkdir(repo);
    await writePhantomRepo(repo, SIZE);
    const many = { api: 1e6, resolvers: 1e6, pages: 1e6 };
    return new Site(root, await startHub({ dir: repo, repo: REPO, quotas: many }));
  }

  /** One archive of other pixels, and a series that goes from one list to another: shards change, and their number does. */
  async revise(repo: string): Promise<void> {
    const other = path.join(this.root, "other");
    await mkdir(other);
    await writePhantomRepo(other, { ...SIZE, seed: 2 });
    const archive = "M3D_Cap/ct_case/ct_case_01.zip";
    await rename(path.join(other, archive), path.join(repo, archive));
    const file = path.join(repo, "M3D_Cap/M3D_Cap.json");
    const lists = JSON.parse(await readFile(file, "utf8"));
    lists.validation.push(lists.train.pop());
    await writeFile(file, JSON.stringify(lists));
  }

  /** A folder of its own for a schedule: its output in `out`, its cache in `cache`. */
  async folder(): Promise<string> {
    const folder = path.join(this.root, `schedule-${this.folders++}`);
    await mkdir(folder);
    return folder;
  }

  args({ out, source = REPO, format = "parquet", workers = 1, connections = 1, more = [] }: RunOptions): string[] {
    const codec = format === "parquet" ? ["--codec", "none"] : [];
    const output = ["--size", "8,64,64", "--dtype", "uint8", ...codec, "--shard-size", "75kB"];
    const width = ["--workers", `${workers}`, "--connections", `${connections}`];
    return ["convert", source, "--out", out, "--format", format, ...output, ...width, ...more, "--json", "--quiet"];
  }

  env({ out, env = {}, steps }: RunOptions): Record<string, string> {
    const log = this.stepsOf(out);
    const counted = { STEPS_LOG: log, STEPS_UNDER: out, STEPS_AT: `${steps?.at ?? ""}`, STEPS_DO: steps?.do ?? "" };
    return {
      HF_ENDPOINT: this.hub.endpoint,
      VOXSHARD_CACHE: path.join(path.dirname(out), "cache"),
      ...counted,
      ...env,
    };
  }

  /** As many bytes as a run has changed its folder in steps. */
  stepsOf(out: string): string {
    return path.join(this.root, `steps-${path.relative(this.root, out).replaceAll(path.sep, "-")}`);
  }

  convert(options: RunOptions): Promise<Ended> {
    return this.run(this.args(options), options);
  }

  /** Any command that makes what lies in `out`. */
  async run(args: readonly string[], options: RunOptions): Promise<Ended> {
    for (const log of ["", ".names"]) await rm(`${this.stepsOf(options.out)}${log}`, { force: true });
    return this.runs.run({ args, env: this.env(options) });
  }

  /** Every file that an undisturbed run leaves. */
  reference(format: Format = "parquet"): Promise<Files> {
    let files = this.references.get(format);
    if (!files) this.references.set(format, (files = this.undisturbed(format)));
    return files;
  }

  private async undisturbed(format: Format): Promise<Files> {
    const out = path.join(await this.folder(), "out");
    const { code, stderr } = await this.convert({ out, format });
    assert.equal(code, 0, stderr);
    return filesOf(out);
  }

  /** Calls `then` once the Hub has served so many bytes of files; gives what calls it off. */
  atByte(bytes: number, then: () => void): () => void {
    let left = bytes;
    const count = (reply: Reply): Reply => {
      const { body } = reply;
      if (body === undefined || left <= 0) return reply;
      const chunks = Buffer.isBuffer(body) ? Readable.from([body]) : body();
      async function* counted() {
        for await (const chunk of chunks as AsyncIterable<Buffer>) {
          const before = left;
          left -= chunk.length;
          const isHere = before > 0 && left <= 0;
          yield isHere ? chunk.subarray(0, before) : chunk;
          if (!isHere) continue;
          then();
          yield chunk.subarray(before);
        }
      }
      return { ...reply, body: () => Readable.from(counted()) };
    };
    const { faults } = this.hub;
    const watches = ["cdn", "resolve-cache"].map(
      (route): Fault => ({ route, method: "GET", do: { kind: "custom", reply: count } }),
    );
    faults.push(...watches);
    return () => {
      for (const watch of watches) if (faults.includes(watch)) faults.splice(faults.indexOf(watch), 1);
    };
  }

  async close(): Promise<void> {
    this.runs.close();
    await this.hub.close();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Shards with a receipt: the file of each, and which one it is to the file system. */
export type Finished = ReadonlyMap<string, string>;

/** Throws if a file stands under a final name that is not what it will be, or was before; gives the finished shards. */
export async function assertNothingHalf(out: string, reference: Files, before: Files = {}): Promise<Finished> {
  const there = await filesOf(out);
  for (const [name, sha256] of Object.entries(there))
    if (!/^\.voxshard\/(?:tmp|next)\//.test(name) && sha256 !== before[name])
      assert.equal(sha256, reference[name], `${name} is half written`);
  const finished = new Map<string, string>();
  // Between two plans a shard that stays has its new name before its receipt has.
  if (".voxshard/next/journal.json" in there) return finished;
  for (const name of Object.keys(there).filter((one) => one.startsWith(".voxshard/receipts/"))) {
    const { path: shard } = JSON.parse(await readFile(path.join(out, name), "utf8")) as { path: string };
    finished.set(shard, await identityOf(path.join(out, shard)));
  }
  return finished;
}

/** Which file it is to the file system: one that is written again is another. */
export async function identityOf(file: string): Promise<string> {
  const { ino, mtimeMs } = await stat(file);
  return `${ino} ${mtimeMs}`;
}

/** Throws unless the folder is, file by file, as an undisturbed run leaves it, and the finished shards are untouched. */
export async function assertAsReference(out: string, reference: Files, finished: Finished = new Map()): Promise<void> {
  assert.deepEqual(await filesOf(out), reference);
  for (const [name, before] of finished)
    assert.equal(await identityOf(path.join(out, name)), before, `${name} was written again`);
}

/** The shards' files, by name. */
export function shardsOf(files: Files): string[] {
  return Object.keys(files).filter((name) => name.startsWith("data/"));
}
