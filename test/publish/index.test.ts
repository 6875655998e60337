import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import { voxshard } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { phantomRepo } from "./phantom-output.ts";
import { startWritableHub } from "./writable-hub.ts";

const home = temporaryFolder("publish-index");
process.env["VOXSHARD_CACHE"] = path.join(home, "cache");
const source = await phantomRepo(home);
const folder = path.join(home, "index");
const file = path.join(folder, "archives.parquet");
const hub = await startWritableHub({ dir: source, repo: "you/M3D-Cap" });
after(() => hub.close());
const run = (...args: string[]) => voxshard([...args, "--endpoint", hub.endpoint, "--json"], {});

test("publish makes a data set of an index, from which a cold plan takes three requests", async () => {
  assert.equal((await run("index", "you/M3D-Cap", "--out", folder)).code, 0);
  const first = await run("publish", folder, "me/index", "--public");
  assert.equal(first.code, 0, first.stderr);
  const told = JSON.parse(first.stdout);
  assert.deepEqual([told.commits, told.sent.files], [1, 1]);
  assert.equal(
    JSON.parse((await run("publish", folder, "me/index", "--public")).stdout).commits,
    0,
    "nothing has changed",
  );
  const card = hub.textOf(hub.repo("me/index").at("main"), "README.md")!;
  assert.match(card, /No picture and no text of a report is in it/);
  for (const [list, series] of Object.entries(told.index.lists))
    assert.ok(card.includes(`| ${list} | ${series} |`), list);

  const own = JSON.parse((await run("plan", "you/M3D-Cap")).stdout);
  await rm(path.join(home, "cache"), { recursive: true });
  hub.resetLog();
  const { code, stdout, stderr } = await run("plan", "you/M3D-Cap", "--index", "me/index");
  assert.equal(code, 0, stderr);
  assert.equal(hub.log.length, 3, hub.log.map(({ url }) => url).join("\n"));
  assert.deepEqual(JSON.parse(stdout), own);
});

test("an index that does not hold, or shall lie beside other files, is not published", async () => {
  const bytes = await readFile(file);
  const damaged = path.join(home, "damaged");
  await run("index", "you/M3D-Cap", "--out", damaged);
  bytes[40]! ^= 1;
  await writeFile(path.join(damaged, "archives.parquet"), bytes);
  const broken = await run("publish", damaged, "me/damaged");
  assert.equal(broken.code, 65, broken.stdout);
  assert.match(broken.stderr, /not an index of archives, or damaged \(its members are damaged\)/);
  assert.equal(hub.state.repos.has("me/damaged"), false);
  await hub.add("me/shards", {
    "README.md": "---\ntags: [voxshard]\n---\n",
    "data/train-00000-of-00001.parquet": "PAR1",
  });
  const beside = await run("publish", folder, "me/shards", "--public");
  assert.equal(beside.code, 73, beside.stderr);
  assert.match(beside.stderr, /holds data\/\S+; an index wants a data set of its own/);
  const flagged = await run("publish", folder, "me/index", "--recipe");
  assert.equal(flagged.code, 64);
  assert.match(flagged.stderr, /--recipe: \S+ holds an index, which has none/);
});
