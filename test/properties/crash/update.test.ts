import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Updated } from "../../../src/model/updated.ts";
import { verify } from "../../../src/run/verify.ts";
import { type Files, filesOf } from "../determined-files.ts";
import { identityOf, Site } from "./site.ts";

let site: Site;
/** A folder of the first revision, and what an update of it leaves that nothing disturbs. */
let [old, updated]: [string, Files] = ["", {}];
let told: Updated;
let steps: number;
/** Those that write how far the switch from one plan to the other is. */
let journals: readonly number[];

before(async () => {
  site = await Site.make();
  await site.reference();
  old = path.join(site.root, "schedule-0");
  await site.revise(path.join(site.root, "repo"));
  await site.hub.repo().refresh();
  const out = await copied();
  const { code, stdout, stderr } = await site.convert({ out, more: ["--update"] });
  assert.equal(code, 0, stderr);
  told = JSON.parse(stdout).update;
  const { kept, made, gone } = told.shards;
  assert.ok(kept >= 2 && made >= 1 && gone >= 1, stdout);
  updated = await filesOf(out);
  steps = statSync(site.stepsOf(out)).size;
  const names = (await readFile(`${site.stepsOf(out)}.names`, "utf8")).split("\n");
  journals = [...names.keys()].filter((at) => /^write .*journal/.test(names[at]!)).map((at) => at + 1);
  assert.equal(journals.length, 3, "one for each stage");
});
after(() => site.close());

/** The old folder again, with its very files. */
async function copied(): Promise<string> {
  const folder = await site.folder();
  await cp(path.join(old, "cache"), path.join(folder, "cache"), { recursive: true });
  await cp(path.join(old, "out"), path.join(folder, "out"), { recursive: true, preserveTimestamps: true });
  return path.join(folder, "out");
}

async function identities(out: string): Promise<readonly string[]> {
  const names = await readdir(path.join(out, "data"));
  return Promise.all(names.map((name) => identityOf(path.join(out, "data", name))));
}

/** So many of an update's steps, evenly, beside those of the journal: every one with KILLS=all. */
const KILLS = process.env["KILLS"] === "all" ? Number.POSITIVE_INFINITY : 7;

test("SIGKILL at any step of an update: the same line goes on, and what stays is not written again", async (t) => {
  const kills = Math.min(KILLS, steps);
  const evenly = Array.from({ length: kills }, (_, kill) => 1 + Math.floor((kill * steps) / kills));
  for (const at of new Set([...journals, ...evenly])) {
    const out = await copied();
    const before = new Set(await identities(out));
    const killed = await site.convert({ out, more: ["--update"], steps: { at, do: "kill" } });
    const where = `step ${at} of ${steps}: ${await readFile(`${site.stepsOf(out)}.at`, "utf8")}`;
    t.diagnostic(where);
    assert.equal(killed.code, "killed", where);
    const again = await site.convert({ out, more: ["--update"] });
    assert.equal(again.code, 0, `${where}: ${again.stderr}`);
    assert.deepEqual(JSON.parse(again.stdout).update, told, where);
    assert.deepEqual(await filesOf(out), updated, where);
    const stayed = (await identities(out)).filter((one) => before.has(one));
    assert.equal(stayed.length, told.shards.kept, where);
    assert.deepEqual((await verify(out)).problems, [], where);
    await rm(path.dirname(out), { recursive: true });
  }
});

test("between two plans no other command takes the folder for one of them", async () => {
  const out = await copied();
  // The new plan's state is written first; then, for a fifth of the steps, the folder is between two plans.
  for (let at = Math.floor(steps / 5); !existsSync(path.join(out, ".voxshard/next/journal.json")); at += 8)
    await site.convert({ out, more: ["--update"], steps: { at, do: "kill" } });
  for (const args of [
    ["missing", out],
    ["verify", out],
    site.args({ out }),
    ["run", "--plan", path.join(out, ".voxshard/plan.json"), "--shard", "0"],
  ]) {
    const { code, stderr } = await site.runs.run({ args, env: site.env({ out }) });
    assert.equal(code, 75, stderr);
    assert.match(stderr, /an update of it was stopped; run the same convert --update again/);
  }
});
