import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { type ZipEntry, zipBuffer } from "../../../devkit/phantoms/zip-writer.ts";
import type { Reject } from "../../../src/model/plan.ts";
import { ended } from "../../command.ts";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Survived {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly peakMb: number;
}

/** A folder of its own for hostile repositories, and the command line run on them. */
export class Attack {
  readonly folder: string;
  private constructor(folder: string) {
    this.folder = folder;
  }
  static async prepare(): Promise<Attack> {
    return new Attack(await mkdtemp(path.join(tmpdir(), "hostile-")));
  }
  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Writes a repository; ZIP archives are given by their entries. */
  async repository(
    name: string,
    files: Readonly<Record<string, Uint8Array | string | readonly ZipEntry[]>>,
  ): Promise<string> {
    for (const [file, content] of Object.entries(files)) {
      const target = path.join(this.folder, name, file);
      await mkdir(path.dirname(target), { recursive: true });
      const isEntries = Array.isArray(content);
      await writeFile(target, isEntries ? zipBuffer(content as readonly ZipEntry[]) : (content as Uint8Array));
    }
    return path.join(this.folder, name);
  }

  /** Runs the command in a process of its own and reads how much memory it took at most. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}, uid?: number): Promise<Survived> {
    const peak = path.join(this.folder, `peak-${Math.random().toString(36).slice(2)}`);
    const all = { ...process.env, VOXSHARD_CACHE: path.join(this.folder, "cache"), VOXSHARD_PEAK: peak, ...env };
    const program = [`--import=${here("./peak.js")}`, here("../../../src/cli.js"), ...args];
    const child = spawn(process.execPath, program, { env: all, ...(uid === undefined ? {} : { uid }) });
    const how = await ended(child);
    const peakMb = Number(await readFile(peak, "utf8").catch(() => Number.NaN));
    return { ...how, peakMb };
  }

  /** Converts a repository, every series of it, and gives the rows' number and the rejects as `id: reason`. */
  async convert(repository: string, ...more: readonly string[]) {
    const out = path.join(this.folder, `out-${Math.random().toString(36).slice(2)}`);
    const light = ["--volume", "none", "--no-preview", "--quiet", "--json", "--workers", "1", "--max-rejects", "100%"];
    const ended = await this.run(["convert", repository, "--out", out, ...light, ...more]);
    assert.equal(ended.code, 0, ended.stderr);
    const lines = (await readFile(path.join(out, "rejects.jsonl"), "utf8")).split("\n").filter((line) => line !== "");
    const rejects = lines.map((line) => JSON.parse(line) as Reject);
    const summary = JSON.parse(ended.stdout) as { readonly rows: number };
    return { ...ended, out, rows: summary.rows, rejects };
  }

  files(folder: string): Promise<string[]> {
    return readdir(folder, { recursive: true });
  }
}

/** One line on standard error, with this exit code and these words; no trace, no raw control character, memory bounded. */
export function refused(ended: Survived, code: number, words: RegExp, mostMb = 400): void {
  assert.equal(ended.code, code, ended.stderr);
  assert.match(ended.stderr, words);
  assert.match(ended.stderr, /^voxshard: [^\n]+\n$/);
  assert.doesNotMatch(ended.stderr, /a fault in voxshard itself/);
  bounded(ended, mostMb);
}

export function bounded({ peakMb }: Survived, mostMb = 400): void {
  assert.ok(peakMb > 0 && peakMb < mostMb, `${peakMb} MB`);
}

/** A slice of noise, as small as they come. */
export const slice = await sharp(
  Uint8Array.from({ length: 64 }, (_, at) => (at * 37) % 251),
  { raw: { width: 8, height: 8, channels: 1 } },
)
  .png()
  .toBuffer();

/** A series of three slices under a path inside an archive. */
export const series = (at: string): ZipEntry[] => [0, 1, 2].map((n) => ({ name: `${at}/${n}.png`, data: slice }));
