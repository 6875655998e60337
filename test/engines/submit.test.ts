import assert from "node:assert/strict";
import { access, chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Fault } from "../../devkit/hub/hub.ts";
import { readAttempts } from "../../src/output/attempts.ts";
import { voxshard } from "../command.ts";
import { assertAsReference, Site, shardsOf } from "../properties/crash/site.ts";
import type { Files } from "../properties/determined-files.ts";

let site: Site;
let reference: Files;
before(async () => {
  site = await Site.make();
  reference = await site.reference();
});
after(() => site.close());

/** A folder that `plan --out` has claimed, and a way to submit it. */
async function claimed() {
  const out = path.join(await site.folder(), "out");
  const start = (args: readonly string[], env: Record<string, string> = {}) =>
    voxshard(args, { ...site.env({ out }), ...env });
  const [, ...args] = site.args({ out });
  args.splice(args.indexOf("--workers"), 2);
  const planned = await start(["plan", ...args]);
  assert.equal(planned.code, 0, planned.stderr);
  const submit = (args: readonly string[], env: Record<string, string> = {}) =>
    start(["submit", out, "--json", ...args], env);
  return { out, submit };
}

test("local: processes of the worker's contract, to the very output of convert; nothing is left to a second time", async () => {
  const { out, submit } = await claimed();
  const count = shardsOf(reference).length;
  const ended = await submit(["--engine", "local", "--width", "2", "--shards-per-task", "3", "--workers", "1"]);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(JSON.parse(ended.stdout).tasks, Math.ceil(count / 3));
  await assertAsReference(out, reference);
  const attempts = await readAttempts(out);
  assert.equal(attempts.length, count);
  for (const { start } of attempts) {
    assert.match(start.job!, /^voxshard-[0-9a-f]{8}_\d+$/);
    await access(start.log!);
  }
  const again = JSON.parse((await submit(["--engine", "local"])).stdout);
  assert.deepEqual([again.missing, again.tasks, again.exitCode], [0, 0, 0]);
});

test("a task that says 'try again' is tried again; what is missing at the end is submitted anew", async () => {
  const { out, submit } = await claimed();
  const down: Fault = { route: "cdn", do: { kind: "status", status: 404 } };
  site.hub.faults.push(down);
  const failed = await submit(["--engine", "local", "--resubmits", "1", "--shards-per-task", "8"]);
  site.hub.faults.splice(site.hub.faults.indexOf(down), 1);
  assert.notEqual(failed.code, 0);
  const tries = (await readAttempts(out)).filter(({ start }) => start.shard === 0).length;
  assert.ok(tries >= 2, `${tries} tries at the first shard`);
  const ended = await submit(["--engine", "local", "--width", "2"]);
  assert.equal(ended.code, 0, ended.stderr);
  await assertAsReference(out, reference);
});

test("--dry-run prints the files and writes none; a site's own templates take the place of ours", async () => {
  const { out, submit } = await claimed();
  const templates = path.join(path.dirname(out), "ours");
  await mkdir(templates);
  await writeFile(path.join(templates, "task.sh"), "#!/bin/sh\n# our own\n${" + "voxshard} run --plan ${" + "plan}\n");
  const slurm = ["--engine", "slurm", "--dry-run", "--templates", templates];
  const { files } = JSON.parse((await submit([...slurm, "--width", "2", "--", "--mem=2G"])).stdout);
  const names = files.map(({ path: file }: { path: string }) => path.basename(file));
  assert.deepEqual(names, ["task.sh", "finalize.sh", "submit.sh"]);
  assert.match(files[0].text, /our own\n.* run --plan .*plan\.json/);
  assert.match(files[2].text, /--mem=2G --array=0-\d+%2 task\.sh 0/);
  assert.ok(!(await readdir(path.join(out, ".voxshard"))).includes("engine"));
});

test("of a store too, where the engine's tasks need no folder of ours", async () => {
  const address = pathToFileURL(path.join(await site.folder(), "store")).href;
  const start = (args: readonly string[]) => voxshard(args, site.env({ out: path.join(site.root, "store/out") }));
  const [, ...args] = site.args({ out: address });
  args.splice(args.indexOf("--workers"), 2);
  assert.equal((await start(["plan", ...args])).code, 0);
  const k8s = ["submit", address, "--json", "--engine", "k8s", "--image", "voxshard:1", "--dry-run"];
  const { files, folder, tasks } = JSON.parse((await start(k8s)).stdout);
  assert.deepEqual([folder, tasks], [address, shardsOf(reference).length]);
  assert.ok(files[0].text.includes(JSON.stringify(`${address}/.voxshard/plan.json`)));
  const slurm = await start(["submit", address, "--engine", "slurm"]);
  assert.equal(slurm.code, 64);
  assert.match(slurm.stderr, /slurm keeps its files and logs in the folder/);
});

test("an engine that takes a part of a job only is left with nothing of it", async () => {
  const { out, submit } = await claimed();
  const bin = path.join(path.dirname(out), "bin");
  await mkdir(bin);
  const program = async (name: string, text: string) => {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(path.join(bin, name), 0o755);
  };
  await program(
    "sbatch",
    'case "$*" in *finalize.sh) echo "sbatch: error: no more jobs" >&2; exit 1;; esac; echo 4711',
  );
  await program("scancel", `echo "$*" > '${bin}/cancelled'`);
  const PATH = `${bin}:${process.env["PATH"]}`;
  const refused = await submit(["--engine", "slurm"], { PATH });
  assert.equal(refused.code, 75);
  assert.match(refused.stderr, /sbatch: error: no more jobs/);
  assert.equal((await readFile(path.join(bin, "cancelled"), "utf8")).trim(), "4711");
});

test("what cannot be submitted is a usage error that says why", async () => {
  const { submit } = await claimed();
  for (const [args, what] of [
    [["--engine", "ray"], /choose slurm/],
    [[], /--engine: choose/],
    [["--engine", "slurm", "--public"], /--public goes with --publish/],
    [["--engine", "local", "--width", "0"], /--width 0/],
  ] as const) {
    const { code, stderr } = await submit(args);
    assert.equal(code, 64);
    assert.match(stderr, what);
  }
});
