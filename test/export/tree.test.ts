import assert from "node:assert/strict";
import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fullRow, streamOf } from "../../devkit/rows/rows.ts";
import { isFault } from "../../src/errors.ts";
import { exportShards, exportSource } from "../../src/export/export.ts";
import { npy } from "../../src/export/npy.ts";
import { claimTree, writePart } from "../../src/export/write-tree.ts";
import { Selection } from "../../src/model/selection.ts";
import { converted, phantomRepo, planned } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("export");
const repo = await phantomRepo(root);
const shards = path.join(root, "shards");
const plan = await converted(shards, repo);
const everything = Selection.parse({});
const at = (name: string) => path.join(root, name);
const exported = (name: string, selection: object = {}) =>
  exportShards(shards, Selection.parse(selection), { folder: at(name), format: npy });

/** Every file of the tree but what is kept about the export. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(".voxshard"))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const pairs = names.sort().map(async (name) => [name, await readFile(path.join(folder, name), "latin1")] as const);
  return new Map(await Promise.all(pairs));
}

async function inodes(folder: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const name of (await filesOf(folder)).keys()) found.set(name, (await stat(path.join(folder, name))).ino);
  return found;
}

test("shards and their source give the same tree: an array for each row, lists that name them all", async () => {
  const found = await exported("from-shards");
  assert.deepEqual([found.rows, found.kept, found.rejects], [24, 0, []]);
  const { plan, source, executor } = await planned(repo);
  await exportSource(plan, source, { folder: at("from-source"), format: npy, executor });
  await Promise.all([source.close(), executor.close()]);
  const files = await filesOf(at("from-shards"));
  assert.deepEqual(files, await filesOf(at("from-source")));
  assert.equal([...files.keys()].filter((name) => name.endsWith(".npy")).length, 24);
  const lists = JSON.parse(files.get("M3D_Cap.json")!) as Record<string, { image: string; text: string }[]>;
  for (const split of ["train", "validation", "test"]) {
    const names = plan.rows.filter((row) => row.split === split).map((row) => row.image);
    assert.deepEqual(
      lists[split]!.map(({ image }) => image),
      names,
    );
  }
  for (const { image, text } of Object.values(lists).flat()) assert.ok(files.has(image) && files.has(text));
});

test("again: what is there and right stays; what is cut, changed or gone is made again, and nothing else", async () => {
  await exported("again");
  const [files, before] = [await filesOf(at("again")), await inodes(at("again"))];
  assert.equal((await exported("again")).kept, 24);
  const arrays = [...files.keys()].filter((name) => name.endsWith(".npy"));
  const [cut, gone, changed] = [arrays[0]!, arrays[9]!, arrays[17]!];
  await truncate(path.join(at("again"), cut), 100);
  await rm(path.join(at("again"), gone));
  await writeFile(path.join(at("again"), changed), Buffer.alloc((await stat(path.join(at("again"), changed))).size));
  assert.ok((await exported("again")).kept < 24);
  assert.deepEqual(await filesOf(at("again")), files);
  const now = await inodes(at("again"));
  for (const [name, inode] of before)
    if (![cut, gone, changed, "M3D_Cap.json"].includes(name)) assert.equal(now.get(name), inode, name);
});

test("a run that was stopped goes on, and leaves the same files", async () => {
  const stop = new AbortController();
  let rows = 0;
  const onRow = () => {
    if (++rows === 5) stop.abort(new Error("stopped"));
  };
  const options = { folder: at("stopped"), format: npy, signal: stop.signal, onRow };
  await assert.rejects(exportShards(shards, everything, options), /stopped/);
  assert.equal((await filesOf(at("stopped"))).has("M3D_Cap.json"), false);
  await exported("stopped");
  await exported("undisturbed");
  assert.deepEqual(await filesOf(at("stopped")), await filesOf(at("undisturbed")));
  assert.deepEqual(await readdir(path.join(at("stopped"), ".voxshard", "tmp")), []);
});

test("a selection takes the rows that convert would take; one of nothing is an error", async () => {
  const [first] = plan.rows;
  for (const selection of [{ splits: ["test"] }, { cases: [first!.caseId], exclude: [first!.id] }, { limit: 1 }]) {
    const wanted = (await planned(repo, { selection })).plan.rows.map((row) => row.image);
    await exported(JSON.stringify(selection), selection);
    const files = await filesOf(at(JSON.stringify(selection)));
    assert.deepEqual([...files.keys()].filter((name) => name.endsWith(".npy")).sort(), wanted.sort());
  }
  await assert.rejects(exported("none", { cases: ["999999"] }), (error) => isFault(error, "usage"));
});

test("a folder with another export or a conversion stays as it is", async () => {
  await exported("taken", { limit: 1 });
  await assert.rejects(exported("taken"), (error) => isFault(error, "other-plan"));
  const onto = exportShards(shards, everything, { folder: shards, format: npy });
  await assert.rejects(onto, (error) => isFault(error, "cannot-write"));
});

test("no name leads out of the folder or into what is kept about the export", async () => {
  await claimTree(at("hostile"), "{}");
  for (const image of ["../x/a.npy", "/etc/a.npy", "a/../../b.npy", "a//b.npy", "a\\..\\b.npy", ".voxshard/b.npy"]) {
    const rows = streamOf([{ ...fullRow, image }]);
    const written = writePart(at("hostile"), "00000", {
      origin: "x",
      rows,
      rejects: [],
      format: npy,
      tarName: "x.tar",
    });
    await assert.rejects(written, (error) => isFault(error, "bad-series-name"), image);
  }
});
