import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { folderContent } from "../../devkit/hub/content.ts";
import { Repo } from "../../devkit/hub/repos.ts";
import type { Updated } from "../../src/model/updated.ts";
import { planOf } from "../../src/output/output-folder.ts";
import { verify } from "../../src/run/verify.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { voxshard } from "../command.ts";
import { startWritableHub, type WritableHub } from "../publish/writable-hub.ts";
import { filesOf } from "../recipe/files-of.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { brought, first, type Revision, second, writeRevision } from "./revisions.ts";

const ID = "me/M3D-Cap";
const OUTPUT = ["--size", "4,64,64", "--dtype", "uint8", "--no-preview", "--codec", "none", "--shard-size", "65kB"];
const home = temporaryFolder("update");
let source: string;
let hub: WritableHub;
let repo: Repo;
before(async () => {
  source = path.join(home, "source");
  process.env["VOXSHARD_CACHE"] = path.join(home, "cache");
  hub = await startWritableHub();
  await mkdir(source);
  repo = new Repo({ id: ID, content: folderContent(source) });
  hub.state.repos.set(ID, repo);
});
after(() => hub.close());

async function revisionIs(revision: Revision, reversed = false): Promise<string> {
  await writeRevision(source, revision, reversed);
  return (await repo.refresh()).sha;
}

interface Told {
  readonly made: number;
  readonly shards: number;
  readonly update?: Updated;
}
async function run(
  ...args: readonly string[]
): Promise<{ code: number | null; stderr: string; told: Told; text: string }> {
  const { code, stdout, stderr } = await voxshard([...args, "--endpoint", hub.endpoint, "--json", "--quiet"], {});
  return { code, stderr, told: stdout.startsWith("{") ? JSON.parse(stdout) : undefined, text: stdout };
}
const convert = (out: string, ...more: readonly string[]) => run("convert", ID, "--out", out, ...OUTPUT, ...more);

async function rowsOf(folder: string) {
  const plan = await planOf(folder);
  const rows = [];
  for (const shard of plan.shards) {
    const open = await shardFormat(plan.output.format, plan.output.engine).open(path.join(folder, shard.path));
    for await (const row of open.rows()) rows.push(row);
  }
  return rows;
}

/** Each shard by what the file system knows it by: a file that is moved stays the same one, one that is written does not. */
async function identities(folder: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const name of await readdir(path.join(folder, "data"))) {
    const { ino, mtimeMs } = await stat(path.join(folder, "data", name));
    found.add(`${ino} ${mtimeMs}`);
  }
  return found;
}

async function assertHolds(folder: string): Promise<void> {
  assert.deepEqual((await verify(folder)).problems, []);
}

test("a new revision: what has not changed stays, and all is as a fresh conversion has it but for the revision of kept rows", async () => {
  const out = path.join(home, "out");
  const old = await revisionIs(first);
  assert.equal((await convert(out)).code, 0);
  const before = await identities(out);
  // Every member lies elsewhere now: only contents count.
  const now = await revisionIs(second, true);
  const refused = await convert(out);
  assert.equal(refused.code, 65);
  assert.match(refused.stderr, /add --update for another revision/);
  const { code, told, stderr } = await convert(out, "--update");
  assert.equal(code, 0, stderr);
  await assertHolds(out);
  assert.match(await readFile(path.join(out, "README.md"), "utf8"), /\d of the files were kept from earlier revisions/);
  const { update, made, shards } = told;
  assert.deepEqual(update?.series, brought);
  assert.deepEqual([update?.from, update?.to], [old, now]);
  assert.deepEqual([update?.shards.kept, update?.shards.made], [shards - made, made]);
  const kept = [...(await identities(out))].filter((one) => before.has(one));
  assert.ok(kept.length >= 3 && kept.length === update?.shards.kept, `${kept.length} kept of ${shards}`);

  const fresh = path.join(home, "fresh");
  assert.equal((await convert(fresh)).code, 0);
  const wanted = await rowsOf(fresh);
  const rows = await rowsOf(out);
  const revisions = new Set(rows.map((row) => row.source_revision));
  assert.deepEqual(revisions, new Set([old, now]));
  assert.deepEqual(
    rows.map((row) => ({ ...row, source_revision: now })),
    wanted,
  );
  for (const { id, source_revision } of rows)
    if ([...brought.came, ...brought.changed].includes(id)) assert.equal(source_revision, now, id);

  const again = await convert(out, "--update");
  assert.deepEqual([again.told.made, again.told.update], [0, update]);
  const plain = await filesOf(out);
  await rm(path.join(out, "data"), { recursive: true });
  assert.equal((await convert(out, "--update")).told.made, shards);
  assert.deepEqual(
    (await filesOf(out)).get("index.parquet"),
    plain.get("index.parquet"),
    "the plan gives the kept rows too",
  );
});

test("an update of an update keeps what stayed twice, under its first revision; a recipe of it is rebuilt byte for byte", async () => {
  const out = path.join(home, "twice");
  const oldest = await revisionIs(first);
  await convert(out);
  const middle = await revisionIs(second);
  await convert(out, "--update");
  const [archive] = ["ct_case/ct_case_00"];
  const [one, ...others] = second[archive]!;
  const newest = await revisionIs({ ...second, [archive]: [{ ...one!, gray: 55 }, ...others] });
  const { told } = await convert(out, "--update");
  assert.deepEqual(told.update?.series, { came: [], went: [], changed: [`ct_case/${one!.id}/Axial_non_contrast`] });
  assert.equal(told.made, 1);
  await assertHolds(out);
  const rows = await rowsOf(out);
  assert.deepEqual(new Set(rows.map((row) => row.source_revision)), new Set([oldest, middle, newest]));

  const [recipe, again] = [path.join(home, "recipe"), path.join(home, "again")];
  assert.equal((await run("recipe", out, "--out", recipe)).code, 0);
  const rebuilt = await run("rebuild", recipe, "--from", ID, "--out", again);
  assert.equal(rebuilt.code, 0, rebuilt.stderr);
  assert.deepEqual(await filesOf(path.join(again, "data")), await filesOf(path.join(out, "data")));
});

/** Bytes of the shards that an update has made. */
async function madeBytes(folder: string): Promise<number> {
  const made = (await planOf(folder)).shards.filter(({ revision }) => revision === undefined);
  const sizes = made.map(async ({ path: name }) => (await stat(path.join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test("publish sends the shards that are made, and nothing of those that stay, whatever they are called now", async () => {
  const out = path.join(home, "published");
  await revisionIs(first);
  await convert(out);
  assert.equal((await run("publish", out, "me/shards")).code, 0);
  await revisionIs(second);
  const { told } = await convert(out, "--update");
  hub.resetLog();
  const { code, stderr } = await run("publish", out, "me/shards");
  assert.equal(code, 0, stderr);
  const head = hub.repo("me/shards").at("main");
  const { shards } = await planOf(out);
  const names = [...head.entries.keys()].filter((name) => name.startsWith("data/"));
  assert.deepEqual(names.sort(), shards.map((shard) => shard.path).sort());
  const { size } = await stat(path.join(out, "index.parquet"));
  assert.ok(told.made > 0 && told.made < told.shards, `${told.made} of ${told.shards} made`);
  assert.ok(hub.received() <= (await madeBytes(out)) + size, `${hub.received()} bytes sent`);
});

test("straight to the Hub: shards that were sent and freed stay there under their new names", async () => {
  const out = path.join(home, "straight");
  const straight = ["--publish", "me/straight", "--max-disk", "1MB"];
  await revisionIs(first);
  assert.equal((await convert(out, ...straight)).code, 0);
  assert.deepEqual(await readdir(path.join(out, "data")), []);
  await revisionIs(second);
  hub.resetLog();
  const { code, told, stderr } = await convert(out, ...straight, "--update");
  assert.equal(code, 0, stderr);
  assert.ok(told.update!.shards.kept >= 3, JSON.stringify(told.update));
  assert.equal(told.made, told.update!.shards.made);
  const { size } = await stat(path.join(out, "index.parquet"));
  assert.ok(hub.received() <= told.made * 70_000 + size, `${hub.received()} bytes sent`);
  const names = [...hub.repo("me/straight").at("main").entries.keys()].filter((name) => name.startsWith("data/"));
  assert.deepEqual(names.sort(), (await planOf(out)).shards.map((shard) => shard.path).sort());
});

test("plan --update claims the folder for engines; what old shards were made from, the cache tells where they have no mark", async () => {
  const out = path.join(home, "engines");
  await revisionIs(first);
  await convert(out);
  const marks = path.join(out, ".voxshard", "read");
  await rm(marks, { recursive: true });
  await revisionIs(second);
  const planned = await run("plan", ID, "--out", out, ...OUTPUT, "--update");
  assert.equal(planned.code, 0, planned.stderr);
  assert.ok(planned.told.update!.shards.kept >= 3);
  const missing = (await voxshard(["missing", out], {})).stdout.trim();
  const made = await run("run", "--plan", path.join(out, ".voxshard", "plan.json"), "--shards", missing);
  assert.equal(made.told.made, planned.told.update!.shards.made, made.stderr);
  assert.equal((await voxshard(["finalize", out], {})).code, 0);
  await assertHolds(out);

  await rm(marks, { recursive: true });
  await rm(path.join(home, "cache"), { recursive: true });
  await revisionIs(first);
  const blind = await convert(out, "--update");
  assert.equal(blind.told.update!.shards.kept, 0, "nothing tells what they were made from");
  assert.equal(blind.told.made, blind.told.shards);
});

test("other output options are no update", async () => {
  const { code, stderr } = await convert(path.join(home, "engines"), "--update", "--slices");
  assert.equal(code, 65);
  assert.match(stderr, /was converted with another slices; give --update the output options that its README\.md has/);
});
