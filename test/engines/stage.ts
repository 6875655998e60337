import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { type PhantomOptions, writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { cli, type Ended, ended, voxshard } from "../command.ts";
import { REPO } from "../properties/crash/site.ts";
import { type Files, filesOf } from "../properties/determined-files.ts";

const TOKEN = "hf_writer";
const steps = new URL("../properties/crash/steps.js", import.meta.url).href;
/** Shards of a row each, small. */
const SMALL = ["--size", "8,64,64", "--dtype", "uint8", "--codec", "none", "--shard-size", "1kB"];

/** A Hub with a data set and a user who may write, a folder to work in, and `npx voxshard` for shells that work there. */
export class Stage {
  readonly root: string;
  readonly hub: Hub;
  readonly out: string;
  readonly env: Readonly<Record<string, string>>;
  private constructor(root: string, hub: Hub) {
    this.root = root;
    this.hub = hub;
    this.out = path.join(root, "out");
    this.env = { HF_ENDPOINT: hub.endpoint, HOME: root, VOXSHARD_CACHE: path.join(root, "cache") };
  }

  static async make(size: PhantomOptions): Promise<Stage> {
    const root = await mkdtemp(path.join(tmpdir(), "stage-"));
    const repo = path.join(root, "repo");
    await mkdir(repo);
    await writePhantomRepo(repo, { slices: 4, height: 48, width: 48, ...size });
    const many = { api: 1e6, resolvers: 1e6, pages: 1e6 };
    const tokens = { [TOKEN]: { name: "me", role: "write" } } as const;
    const hub = await startHub({ dir: repo, repo: REPO, quotas: many, tokens });
    return new Stage(root, hub);
  }

  /** What one `convert` leaves, once it is published too. */
  async reference(): Promise<Files> {
    const out = path.join(this.root, "reference");
    const env = { ...this.env, HF_TOKEN: TOKEN };
    for (const args of [
      ["convert", REPO, "--out", out, ...SMALL],
      ["publish", out, "me/reference"],
    ]) {
      const { code, stderr } = await voxshard([...args, "--quiet"], env);
      assert.equal(code, 0, stderr);
    }
    return filesOf(out);
  }

  /**
   * Lines of the README as they stand, in a shell. The names in them become those of this Hub; shards are small, and
   * `submit` has the flags `more`.
   */
  async shell(lines: string, more: string, env: Readonly<Record<string, string>>): Promise<Shell> {
    const bin = path.join(this.root, "bin");
    await mkdir(bin, { recursive: true });
    const npx = `shift; verb=$1; shift
case $verb in
plan) set -- "$@" ${SMALL.join(" ")} ;;
submit) dir=$1; shift; set -- "$dir" ${more} "$@" ;;
esac
exec '${process.execPath}' '${cli}' "$verb" "$@"`;
    await writeFile(path.join(bin, "npx"), `#!/bin/sh\n${npx}\n`);
    await chmod(path.join(bin, "npx"), 0o755);
    const script = lines.replaceAll("…", TOKEN).replaceAll("owner/name", REPO).replaceAll("you/", "me/");
    const PATH = `${bin}:${env["PATH"] ?? process.env["PATH"]}`;
    const child = spawn("bash", ["-euc", script], {
      cwd: this.root,
      env: { ...process.env, ...this.env, ...env, PATH },
    });
    let said = "";
    child.stdout.on("data", (text) => (said += text));
    return { end: ended(child), said: () => said };
  }

  /** Variables under which a task of a cluster finds the disk full, in the middle of its first shard and from then on. */
  full(): Readonly<Record<string, string>> {
    const log = `${this.root}/full-$SLURM_JOB_ID-$SLURM_RESTART_COUNT`;
    const what = { STEPS_LOG: log, STEPS_UNDER: this.out, STEPS_AT: "8", STEPS_DO: "full" };
    return { NODE_OPTIONS: `--import=${steps}`, ...what };
  }

  /** The files of a published data set by their hash, but for its card, which has its name; none while it is not there. */
  published(repository: string): Readonly<Record<string, string>> {
    const repo = this.hub.state.repos.get(repository);
    if (!repo?.refs.has("main")) return {};
    const files = [...repo.at("main").entries].filter(([name]) => name !== "README.md");
    return Object.fromEntries(files.map(([name, { oid }]) => [name, oid]));
  }

  async close(): Promise<void> {
    await this.hub.close();
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

export interface Shell {
  /** Standard output so far. */
  said(): string;
  readonly end: Promise<Ended>;
}

/** The block of shell in the README that has this word. */
export async function readmeBlock(word: string): Promise<string> {
  const blocks = (await readFile("README.md", "utf8")).matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  const found = [...blocks].map(([, block]) => block!).filter((block) => block.includes(word));
  assert.equal(found.length, 1, `${found.length} blocks of the README have ${word}`);
  return found[0]!;
}
