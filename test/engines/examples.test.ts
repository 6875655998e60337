import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, describe, test } from "node:test";
import { promisify } from "node:util";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { claim, convert } from "../../src/run/convert.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import { workers } from "../../src/workers/workers.ts";
import { cli } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const run = promisify(execFile);
const has = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const needs = (...programs: string[]) => {
  const missing = programs.filter((program) => !has(program));
  return missing.length > 0 ? { skip: `${missing.join(", ")}: not installed` } : {};
};

const home = temporaryFolder("examples");
let env: NodeJS.ProcessEnv;
before(async () => {
  const [bin, source, cache] = [path.join(home, "bin"), path.join(home, "M3D-Cap"), path.join(home, "cache")];
  process.env["VOXSHARD_CACHE"] = cache;
  env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, HOME: home };
  await mkdir(bin);
  const program = async (name: string, text: string) => {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(path.join(bin, name), 0o755);
  };
  await program("voxshard", `exec '${process.execPath}' '${cli}' "$@"`);
  // A way to other machines that comes back to this one: SSH_OPTIONS HOST COMMAND, as GNU parallel calls it.
  await program("ssh-here", SSH_HERE);
  await writePhantomRepo(source, { casesPerArchive: 2, slices: 6, height: 48, width: 48 });
  const opened = await openSource(source);
  const executor = workers(1);
  try {
    const { plan } = await planConversion(opened, { output: { shardBytes: 20_000_000 } });
    assert.ok(plan.shards.length >= 3, `${plan.shards.length} shards`);
    await convert(plan, opened, { folder: path.join(home, "whole"), executor });
    for (const name of ["parallel", "snakemake"]) await claim(path.join(home, name), plan);
  } finally {
    await executor.close();
    await opened.close();
  }
});

/** Says who was called; a host that is down is none, as ssh has it. */
const SSH_HERE = `while [ "\${1#-}" != "$1" ]; do shift; done
host=$1; shift
[ "$1" = -- ] && shift
echo "$host" >> "$HOME/hosts"
[ "$host" = down ] && exit 255
exec sh -c "$*"`;

async function same(name: string) {
  const files = async (folder: string) => {
    const found = new Map<string, string>();
    const names = await readdir(folder, { recursive: true });
    for (const file of names.filter((one) => /^(data|index|rejects|README|\.voxshard.receipts).*\./.test(one)).sort())
      found.set(file, (await readFile(path.join(folder, file))).toString("base64"));
    return found;
  };
  const [whole, made] = [await files(path.join(home, "whole")), await files(path.join(home, name))];
  assert.ok(whole.size >= 9, [...whole.keys()].join(" "));
  assert.deepEqual([...made.keys()], [...whole.keys()]);
  for (const [file, bytes] of whole) assert.ok(made.get(file) === bytes, `${file} differs`);
}

describe("scripts/examples on engines that people have give what one convert gives", () => {
  test("GNU parallel over ssh, one host of two down", needs("parallel"), async () => {
    const remote: NodeJS.ProcessEnv = { ...env, PARALLEL_SSH: path.join(home, "bin", "ssh-here") };
    delete remote["SHELL"]; // As a cron job has it.
    const script = path.resolve("scripts/examples/parallel.sh");
    await run("bash", [script, path.join(home, "parallel"), "1/up,1/down"], { env: remote });
    await same("parallel");
    const hosts = (await readFile(path.join(home, "hosts"), "utf8")).split("\n");
    assert.ok(hosts.includes("up") && hosts.includes("down"), "both were asked");
    // Nothing is left to do: no shard is asked for again.
    await run("bash", [script, path.join(home, "parallel"), "1/down"], { env: remote });
  });

  test("Snakemake, a job a shard", needs("snakemake"), async () => {
    const dir = `dir=${path.join(home, "snakemake")}`;
    const args = ["-s", path.resolve("scripts/examples/Snakefile"), "--config", dir, "-j", "2", "--quiet", "all"];
    await run("snakemake", args, { env, cwd: home });
    await same("snakemake");
  });
});
