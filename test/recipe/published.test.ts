import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { Recipe } from "../../src/model/recipe.ts";
import { voxshard } from "../command.ts";
import { startWritableHub } from "../publish/writable-hub.ts";
import { conversion } from "../run/conversion.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { filesOf } from "./files-of.ts";

const home = temporaryFolder("published");
const cache = (name: string) => ({ VOXSHARD_CACHE: path.join(home, name) });
process.env["VOXSHARD_CACHE"] = path.join(home, "cache");

/** As many as the real data set has, each with one series of a few slices. */
const ARCHIVES = 83;
const [source, out] = [path.join(home, "phantoms"), path.join(home, "out")];
await writePhantomRepo(source, {
  ...{ archives: ARCHIVES, casesPerArchive: 1, seriesPerCase: 1, slices: 6, height: 32, width: 32, drawn: 4 },
});
const { plan } = await conversion(source, out, { output: { size: [2, 16, 16], dtype: "uint8", shardBytes: 200_000 } });
const shards = await filesOf(path.join(out, "data"));

/** A copy with every second archive: those whose place in the list is even, or odd. */
async function halfOf(name: string, parity: 0 | 1): Promise<string> {
  const folder = path.join(home, name);
  const all = (await readdir(source, { recursive: true })).filter((file) => file.endsWith(".zip")).sort();
  for (const file of all.filter((_, at) => at % 2 === parity)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await cp(path.join(source, file), path.join(folder, file));
  }
  return folder;
}

const hub = await startWritableHub();
after(() => hub.close());
const endpoint = ["--endpoint", hub.endpoint];

test("a published recipe of 83 archives is rebuilt from two half copies: requests and seconds counted", async (t) => {
  const published = await voxshard(["publish", out, "me/recipe", "--recipe", "--public", "--json", ...endpoint], {});
  assert.equal(published.code, 0, published.stderr);
  assert.equal(JSON.parse(published.stdout).commits, 1);
  const head = hub.repo("me/recipe").at("main");
  const recipe = Recipe.parse(JSON.parse(hub.textOf(head, "recipe.json")!));
  assert.equal(recipe.archives.length, ARCHIVES);
  assert.match(hub.textOf(head, "README.md")!, /No picture and no text of a report is in it/);
  assert.ok(![...head.entries.keys()].some((name) => name.startsWith("data/")));
  const again = await voxshard(["publish", out, "me/recipe", "--recipe", "--public", "--json", ...endpoint], {});
  assert.equal(JSON.parse(again.stdout).commits, 0, "nothing has changed");

  const halves = ["--from", await halfOf("even", 0), "--from", await halfOf("odd", 1)];
  hub.resetLog();
  const rebuilt = path.join(home, "rebuilt");
  const args = ["rebuild", "me/recipe", ...halves, "--out", rebuilt, "--json", ...endpoint];
  const { code, stdout, stderr } = await voxshard(args, cache("cold"));
  assert.equal(code, 0, stderr);
  assert.deepEqual(await filesOf(path.join(rebuilt, "data")), shards);
  const told = JSON.parse(stdout);
  t.diagnostic(`${hub.log.length} requests, ${told.seconds} s, ${told.shards} shards of ${plan.rows.length} rows`);
  assert.ok(hub.log.length <= 16, `${hub.log.length} requests for the recipe`);
});

test("a recipe is not published over shards, and shards are published as ever", async () => {
  const first = await voxshard(["publish", out, "me/shards", "--json", ...endpoint], {});
  assert.equal(first.code, 0, first.stderr);
  const { code, stderr } = await voxshard(["publish", out, "me/shards", "--recipe", ...endpoint], {});
  assert.equal(code, 73, stderr);
  assert.match(stderr, /me\/shards: holds data\/\S+; a recipe wants a data set of its own/);
});

test("killed anywhere, the same line goes on, and no finished shard is made again", async () => {
  const [even, odd] = [path.join(home, "even"), path.join(home, "odd")];
  const target = path.join(home, "killed");
  const args = ["rebuild", "me/recipe", "--from", even, "--from", odd, "--out", target, "--json", ...endpoint];
  const receipts = () => readdir(path.join(target, ".voxshard", "receipts")).catch((): string[] => []);
  let there = 0;
  const watch = setInterval(async () => {
    there = (await receipts()).length;
  }, 5);
  const killed = await voxshard([...args, "--workers", "1"], {}, { signal: "SIGKILL", when: () => there >= 2 });
  clearInterval(watch);
  assert.equal(killed.code, null, killed.stdout);
  const before = (await receipts()).filter((name) => name.endsWith(".json")).length;
  assert.ok(before >= 2 && before < shards.size, `${before} of ${shards.size}`);
  const { code, stdout, stderr } = await voxshard(args, {});
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).made, shards.size - before);
  assert.deepEqual(await filesOf(path.join(target, "data")), shards);
});

test("in an array job each task makes its shard, and finalize ends it", async () => {
  const parts = ["--from", path.join(home, "even"), "--from", path.join(home, "odd")];
  const target = path.join(home, "array");
  const begun = await voxshard(["rebuild", "me/recipe", ...parts.slice(0, 2), "--out", target, ...endpoint], {});
  assert.equal(begun.code, 65, begun.stderr);
  const planFile = path.join(target, ".voxshard", "plan.json");
  for (const shard of [...shards.keys()].keys()) {
    const task = await voxshard(["run", "--plan", planFile, "--shard", `${shard}`, ...parts, ...endpoint], {});
    assert.equal(task.code, 0, task.stderr);
  }
  assert.equal((await voxshard(["finalize", target], {})).code, 0);
  assert.equal((await voxshard(["verify", target], {})).code, 0);
  assert.deepEqual(await filesOf(path.join(target, "data")), shards);
  const index = (folder: string) => readFile(path.join(folder, "index.parquet"));
  assert.deepEqual(await index(target), await index(out));
});

test("without --from the folder is claimed alone, and an engine makes its shards", async () => {
  const target = path.join(home, "submitted");
  const begun = await voxshard(["rebuild", "me/recipe", "--out", target, "--json", ...endpoint], {});
  assert.equal(begun.code, 0, begun.stderr);
  assert.deepEqual([JSON.parse(begun.stdout).shards, JSON.parse(begun.stdout).made], [shards.size, 0]);
  const submit = ["submit", target, "--engine", "local", "--shards-per-task", "20", "--workers", "1", ...endpoint];
  const without = await voxshard(submit, {});
  assert.equal(without.code, 64);
  assert.match(without.stderr, /is a recipe's: give --from SOURCE/);
  const parts = ["--from", path.join(home, "even"), "--from", path.join(home, "odd")];
  const ended = await voxshard([...submit, ...parts], {});
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await filesOf(path.join(target, "data")), shards);
  assert.equal((await voxshard(["verify", target], {})).code, 0);
});
