import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../../devkit/hub/hub.ts";
import type { Reply } from "../../devkit/hub/reply.ts";
import { AttemptLine } from "../../src/model/attempt.ts";
import { readAttempts } from "../../src/output/attempts.ts";
import { command, voxshard } from "../command.ts";
import { assertAsReference, Site, shardsOf } from "../properties/crash/site.ts";
import type { Files } from "../properties/determined-files.ts";

let site: Site;
let reference: Files;
before(async () => {
  site = await Site.make();
  reference = await site.reference();
});
after(() => site.close());

/** A folder that `plan --out` has claimed, and a way to run tasks on it. */
async function claimed() {
  const out = path.join(await site.folder(), "out");
  const [, ...args] = site.args({ out });
  args.splice(args.indexOf("--workers"), 2);
  const planned = await voxshard(["plan", ...args, "--shard-list"], site.env({ out }));
  assert.equal(planned.code, 0, planned.stderr);
  const document = JSON.parse(planned.stdout);
  const task = (args: readonly string[], env: Record<string, string> = {}) =>
    command(["run", "--plan", document.plan, "--json", ...args], { ...site.env({ out }), ...env });
  return { out, document, task, end: (args: readonly string[]) => voxshard(args, site.env({ out })) };
}

test("plan --out, then a task a shard, then finalize: the very output of convert", async () => {
  const { out, document, task, end } = await claimed();
  const names = document.shardList.map(({ path }: { path: string }) => path);
  assert.deepEqual([...names].sort(), shardsOf(reference));
  const half = Math.ceil(names.length / 2);
  for (const number of [0, 1]) {
    const ended = await task(["--shards-per-task", `${half}`], { SLURM_ARRAY_TASK_ID: `${number}` }).end;
    assert.equal(ended.code, 0, ended.stderr);
  }
  assert.equal((await end(["finalize", out])).code, 0);
  await assertAsReference(out, reference);
  const again = JSON.parse((await task(["--shards", `0-${names.length - 1}`]).end).stdout);
  assert.deepEqual([again.made, again.shards.length], [0, names.length]);
  const attempts = await readAttempts(out);
  assert.equal(attempts.length, names.length, "a shard that stands is no attempt");
  const rows = attempts.reduce((sum, { end }) => sum + end!.rows, 0);
  assert.equal(rows, again.rows);
  for (const { end } of attempts) {
    assert.deepEqual([end!.exitCode, end!.reason], [0, null]);
    assert.ok(end!.peakBytes > 10_000_000 && end!.seconds >= 0);
  }
});

test("a task that is killed leaves a start without an end; two at once then make the shard, and every line holds", async () => {
  const { out, task, end } = await claimed();
  const killed = task(["--shard", "1"]);
  const deadline = Date.now() + 60_000;
  const logs = path.join(out, ".voxshard/attempts");
  while ((await readAttempts(out)).length === 0 && Date.now() < deadline) await wait(2);
  killed.child.kill("SIGKILL");
  assert.equal((await killed.end).code, null);
  const [first, ...none] = await readAttempts(out);
  assert.deepEqual([first!.start.shard, first!.start.pid, first!.end, none], [1, killed.child.pid, undefined, []]);
  const both = await Promise.all([task(["--shard", "1"]).end, task([], { VOXSHARD_SHARD: "1" }).end]);
  for (const { code, stderr } of both) assert.equal(code, 0, stderr);
  const names = await readdir(logs);
  assert.ok(names.length >= 2 && names.every((name) => /^00001\.[\w.-]+\.\d+\.jsonl$/.test(name)), names.join());
  for (const name of names)
    for (const line of (await readFile(path.join(logs, name), "utf8")).trim().split("\n"))
      AttemptLine.parse(JSON.parse(line));
  const rest = (await end(["missing", out])).stdout.trim();
  assert.equal((await task(["--shards", rest]).end).code, 0);
  assert.equal((await end(["finalize", out])).code, 0);
  await assertAsReference(out, reference);
});

test("how a task failed stands in its log, and a log that cannot be written stops nothing", async () => {
  const { out, task } = await claimed();
  const refuse: Fault = { route: "resolve", do: { kind: "status", status: 403 } };
  site.hub.faults.push(refuse);
  const failed = await task(["--shard", "0"], { VOXSHARD_LOG: "/logs/0", VOXSHARD_JOB: "7" }).end;
  site.hub.faults.splice(site.hub.faults.indexOf(refuse), 1);
  assert.equal(failed.code, 77, failed.stderr);
  const [attempt] = await readAttempts(out);
  const { start, end } = attempt!;
  assert.deepEqual([start.job, start.log, end!.exitCode, end!.kind], ["7", "/logs/0", 77, "not-allowed"]);
  assert.ok(failed.stderr.includes(end!.reason!) && end!.requests! > 0);
  await rm(path.join(out, ".voxshard/attempts"), { recursive: true });
  await writeFile(path.join(out, ".voxshard/attempts"), "in the way");
  const made = await task(["--shard", "0"]).end;
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(await readAttempts(out), []);
});

test("a task whose shard another makes before it has begun to: there already, and so its log ends", async () => {
  const { out, task } = await claimed();
  // Without the plan's parts, a task asks the Hub what its source is: there the first one is held up.
  await rm(path.join(out, ".voxshard/parts"), { recursive: true });
  let [isHeld, letGo] = [false, () => {}];
  const hold = (reply: Reply): Promise<Reply> =>
    new Promise((resolve) => {
      isHeld = true;
      letGo = () => resolve(reply);
    });
  const held: Fault = { route: "*", nth: 1, do: { kind: "custom", reply: hold } };
  site.hub.faults.push(held);
  const first = task(["--shard", "2"]);
  for (const deadline = Date.now() + 60_000; !isHeld && Date.now() < deadline; ) await wait(2);
  const second = await task(["--shard", "2"]).end;
  assert.equal(second.code, 0, second.stderr);
  letGo();
  const { code, stdout, stderr } = await first.end;
  site.hub.faults.splice(site.hub.faults.indexOf(held), 1);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).made, false);
  assert.deepEqual(
    (await readAttempts(out)).map(({ end }) => end?.exitCode),
    [0, 0],
  );
});
