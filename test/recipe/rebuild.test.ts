import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { fileSource } from "../../src/bytes/file-source.ts";
import { makeRecipe } from "../../src/recipe/make-recipe.ts";
import { openSource, sourceText } from "../../src/source/open-source.ts";
import { voxshard } from "../command.ts";
import { conversion } from "../run/conversion.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { filesOf } from "./files-of.ts";

const home = temporaryFolder("rebuild");
process.env["VOXSHARD_CACHE"] = path.join(home, "cache");
const open = (source: Parameters<typeof sourceText>[0]) => openSource(sourceText(source));

const archives = ["ct_case/ct_case_00.zip", "ct_case/ct_case_01.zip", "ct_quizze/ct_quizze_00.zip"];

/** A copy of a data set with some of its archives alone, and no lists. */
async function copyOf(from: string, name: string, wanted: readonly string[]): Promise<string> {
  const folder = path.join(home, name);
  for (const archive of wanted) {
    await mkdir(path.dirname(path.join(folder, "M3D_Cap", archive)), { recursive: true });
    await cp(path.join(from, "M3D_Cap", archive), path.join(folder, "M3D_Cap", archive));
  }
  return folder;
}

interface Told {
  readonly code: number | null;
  readonly stderr: string;
  readonly told: { equal: number; shards: number; made: number; unlike: string[]; rejects: { id: string }[] };
}
async function rebuild(recipe: string, out: string, from: readonly string[], ...more: string[]): Promise<Told> {
  const parts = from.flatMap((folder) => ["--from", folder]);
  const args = ["rebuild", recipe, ...parts, "--out", out, "--json", "--workers", "2", ...more];
  const { code, stdout, stderr } = await voxshard(args, {});
  return { code, stderr, told: stdout === "" ? undefined : JSON.parse(stdout) };
}

const shardsOf = async (folder: string) =>
  new Map([...(await filesOf(path.join(folder, "data")))].sort(([a], [b]) => (a < b ? -1 : 1)));

const source = path.join(home, "phantoms");
await writePhantomRepo(source, { archives: 3, casesPerArchive: 2, slices: 8, height: 40, width: 48 });
const out = path.join(home, "out");
const made = await conversion(source, out, { output: { size: [4, 16, 16], shardBytes: 60_000 } });
const recipe = path.join(home, "recipe");
await makeRecipe(out, recipe, { open });
const shards = await shardsOf(out);

test("two copies that have a part each give the same shards, byte for byte; of the result comes the same recipe", async () => {
  assert.ok(shards.size > 3, `${shards.size} shards`);
  const first = await copyOf(source, "first", archives.slice(0, 1));
  const rest = await copyOf(source, "rest", archives.slice(1));
  const again = path.join(home, "again");
  const { code, told, stderr } = await rebuild(recipe, again, [first, rest]);
  assert.deepEqual([code, told?.equal, told?.made], [0, shards.size, shards.size], stderr);
  assert.deepEqual(await shardsOf(again), shards);
  assert.equal((await rebuild(recipe, again, [first, rest])).told.made, 0);
  const verified = await voxshard(["verify", again], {});
  assert.equal(verified.code, 0, verified.stdout);
  assert.deepEqual(await readFile(path.join(again, "index.parquet")), await readFile(path.join(out, "index.parquet")));
  await makeRecipe(again, path.join(home, "recipe-again"), { open });
  assert.deepEqual(await filesOf(path.join(home, "recipe-again")), await filesOf(recipe));

  const split = path.join(home, "split");
  const test = await rebuild(recipe, split, [first, rest], "--split", "test");
  assert.equal(test.code, 0, test.stderr);
  const own = [...shards].filter(([name]) => name.startsWith("test-"));
  assert.ok(own.length > 0);
  assert.deepEqual([...(await shardsOf(split))], own);
});

test("an archive that no copy has is named with its series, and its shards are made once one has it", async () => {
  const part = await copyOf(source, "part", archives.slice(0, 2));
  const lacking = path.join(home, "lacking");
  const { code, told, stderr } = await rebuild(recipe, lacking, [part]);
  assert.equal(code, 65, stderr);
  const absent = [...made.rows.values()].filter((row) => row.source_file.endsWith(archives[2]!)).map(({ id }) => id);
  assert.deepEqual(told.rejects.map(({ id }) => id).sort(), absent.sort());
  assert.match(stderr, /\d+ series could not be rebuilt/);
  for (const line of told.unlike) assert.match(line, /^data\/\S+: without M3D_Cap\/ct_quizze\/ct_quizze_00\.zip: /);
  const whole = await rebuild(recipe, lacking, [part, await copyOf(source, "third", archives.slice(2))]);
  assert.deepEqual([whole.code, whole.told.made], [0, told.unlike.length], whole.stderr);
  assert.deepEqual(await shardsOf(lacking), shards);
});

/** Spoils a byte of a member in the middle; with `hides`, the CRCs of both its headers say that nothing is wrong. */
async function spoil(file: string): Promise<string> {
  const bytes = await readFile(file);
  const members = allMembers(await zip.directory(fileSource(file, bytes.length)));
  const slices = members.filter((member) => /\/3\.(?:jpeg|png)$/.test(member.path));
  const { path: name, end } = slices[0]!;
  bytes[end - 20]! ^= 0xff;
  await writeFile(file, bytes);
  return name;
}

test("a mirror that lies in one member is caught by the member's name, and another copy stands in for it", async () => {
  const mirror = await copyOf(source, "mirror", archives);
  const name = await spoil(path.join(mirror, "M3D_Cap", archives[0]!));
  const lied = path.join(home, "lied");
  const alone = await rebuild(recipe, lied, [mirror]);
  assert.equal(alone.code, 65);
  assert.equal(alone.told.rejects.length, 1);
  assert.ok(
    alone.told.unlike.some((line) => line.includes(name)),
    alone.told.unlike.join("\n"),
  );
  const helped = await rebuild(recipe, lied, [mirror, source]);
  assert.equal(helped.code, 0, helped.stderr);
  assert.ok(
    helped.stderr.includes(`${mirror}: ${name}`) && helped.stderr.includes(`taken from ${source}`),
    helped.stderr,
  );
  assert.deepEqual(await shardsOf(lied), shards);
});

test(
  "the recipe of real CT from two half copies, one of them on a Hub: byte-identical",
  withoutSharedData,
  async () => {
    const mini = path.join(sharedData, "m3d-mini");
    const own = path.join(home, "real");
    const output = { dtype: "uint8", slices: true, shardBytes: 30_000_000 } as const;
    await conversion(mini, own, { output });
    await makeRecipe(own, path.join(home, "real-recipe"), { open });
    const local = await copyOf(mini, "real-local", ["ct_case/ct_case_00.zip", "ct_quizze/ct_quizze_00.zip"]);
    const served = await copyOf(mini, "real-served", ["ct_case/ct_case_01.zip"]);
    const hub = await startHub({ dir: served, repo: "half/M3D-Cap" });
    try {
      const again = path.join(home, "real-again");
      const from = [local, "hf:half/M3D-Cap"];
      const { code, told, stderr } = await rebuild(
        path.join(home, "real-recipe"),
        again,
        from,
        "--endpoint",
        hub.endpoint,
      );
      assert.deepEqual([code, told?.equal], [0, told?.shards], stderr);
      assert.deepEqual(await shardsOf(again), await shardsOf(own));
    } finally {
      await hub.close();
    }
  },
);
