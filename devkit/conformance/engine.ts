import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Engine } from "../../src/engines/engine.ts";
import type { Job } from "../../src/engines/job.ts";
import { writeWhole } from "../../src/files/whole-file.ts";
import { enginePath } from "../../src/output/layout.ts";

/** What a stand-in for voxshard was called with, and the shards that a run was to make. */
interface Call {
  readonly args: readonly string[];
  readonly shards: readonly number[];
}

/** What every engine promises. `clients` stand in for its programs, by name: scripts that carry out at once what they are handed. */
export function engineSuite(
  engine: Engine,
  clients: Readonly<Record<string, string>>,
  /** Whether what is missing at the end is submitted anew by what comes after the tasks. */
  { resubmits = true, flag = "--partition=a b" } = {},
): void {
  describe(`${engine.name} keeps the promises of an engine`, () => {
    let home: string;
    const found = process.env["PATH"];
    before(async () => {
      home = await mkdtemp(path.join(tmpdir(), "engine-"));
      const bin = path.join(home, "bin");
      await mkdir(bin);
      for (const [name, text] of Object.entries(clients)) {
        await writeFile(path.join(bin, name), text);
        await chmod(path.join(bin, name), 0o755);
      }
      Object.assign(process.env, { PATH: `${bin}:${found}`, HF_TOKEN: "hf_thesecret0123" });
    });
    after(async () => {
      process.env["PATH"] = found;
      delete process.env["HF_TOKEN"];
      await rm(home, { recursive: true, force: true });
    });

    let jobs = 0;
    /** A job whose voxshard writes down what it was asked for; its finalize ends with this code. */
    async function stand(more: Partial<Job> = {}, finalizeCode = 0) {
      const folder = path.join(home, `it's folder ${jobs++}`);
      await mkdir(folder);
      const program = path.join(folder, "voxshard.mjs");
      await writeFile(program, standIn(path.join(folder, "calls"), finalizeCode));
      const job: Job = {
        name: "voxshard-0123abcd",
        folder,
        files: enginePath(folder),
        image: "registry.example/voxshard:1",
        queue: "cpu",
        tasks: [0, 1, 2, 5],
        shardsPerTask: 2,
        width: 2,
        resubmits: 1,
        voxshard: [process.execPath, program],
        run: ["--connections", "3"],
        publish: undefined,
        flags: [],
        templates: undefined,
        ...more,
      };
      const calls = async () =>
        (await readFile(path.join(folder, "calls"), "utf8").catch(() => ""))
          .split("\n")
          .filter(Boolean)
          .map((line): Call => JSON.parse(line));
      return { job, calls };
    }
    async function handedOver(job: Job) {
      for (const { name, text } of await engine.files(job)) await writeWhole(path.join(job.files, name), text);
      return engine.handOver(job, { signal: new AbortController().signal, onTask: () => {} });
    }

    test("the same job gives the same files, and begins nothing", async () => {
      const { job, calls } = await stand({ publish: { repository: "me/m3d", flags: [] } });
      const files = await engine.files(job);
      assert.deepEqual(await engine.files(job), files);
      assert.deepEqual([await calls(), await readdir(job.folder)], [[], ["voxshard.mjs"]]);
      for (const { name, text } of files) {
        assert.match(name, /^[\w-]+(\.\w+)+$/);
        assert.ok(!text.includes("thesecret"), `${name} has the token`);
      }
    });

    test("every task is run, with the flags of run, and finalize after the last", async () => {
      const { job, calls } = await stand();
      assert.equal((await handedOver(job)).exitCode, 0);
      const all = await calls();
      assert.deepEqual(all.at(-1)!.args.slice(0, 2), ["finalize", job.folder]);
      const runs = all.slice(0, -1);
      assert.deepEqual(
        runs.flatMap(({ shards }) => shards).sort((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 10, 11],
      );
      for (const { args } of runs) assert.ok(args.join(" ").includes("--connections 3"), args.join(" "));
    });

    test("a finished folder is finalized and published, in this order", async () => {
      const publish = { repository: "me/m3d", flags: ["--public"] };
      const { job, calls } = await stand({ tasks: [], publish });
      await handedOver(job);
      const [finalize, published, ...none] = (await calls()).map(({ args }) => args.join(" "));
      assert.match(finalize!, /^finalize /);
      assert.equal(published, `publish ${job.folder} me/m3d --public`);
      assert.deepEqual(none, []);
    });

    test("what is missing at the end is submitted anew where the engine can, as the job was, and once less often", async () => {
      const publish = { repository: "me/m3d", flags: [] };
      const { job, calls } = await stand({ publish, flags: [flag] }, 75);
      await handedOver(job);
      const { args } = (await calls()).at(-1)!;
      if (!resubmits) return assert.deepEqual(args.slice(0, 2), ["finalize", job.folder]);
      const expected = ["submit", job.folder, "--engine", engine.name, "--resubmits", "0"];
      assert.deepEqual(args.slice(0, expected.length), expected);
      assert.deepEqual(args.slice(-4), ["--connections", "3", "--", flag]);
      assert.match(args.join(" "), /--shards-per-task 2 --width 2 --publish me\/m3d/);
      const last = await stand({ resubmits: 0 }, 75);
      await handedOver(last.job);
      assert.match((await last.calls()).at(-1)!.args.join(" "), /^finalize /);
    });
  });
}

const whichShards = pathToFileURL(path.resolve("dist/src/engines/which-shards.js")).href;

/** A program that knows a task's shards as voxshard does. */
const standIn = (file: string, finalizeCode: number) => `
import { appendFileSync } from "node:fs";
import { whichShards } from ${JSON.stringify(whichShards)};
const [, , ...args] = process.argv;
const flag = (name) => Number(args[args.indexOf(name) + 1] ?? 0);
const choice = { indexOffset: args.includes("--index-offset") ? flag("--index-offset") : 0, shardsPerTask: flag("--shards-per-task"), ...(args.includes("--tasks") && { tasks: args[args.indexOf("--tasks") + 1] }) };
const shards = args[0] === "run" ? whichShards(choice, process.env, 1e6) : [];
appendFileSync(${JSON.stringify(file)}, JSON.stringify({ args, shards }) + "\\n");
process.exitCode = args[0] === "finalize" ? ${finalizeCode} : 0;
`;
