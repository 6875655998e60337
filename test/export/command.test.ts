import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { voxshardSync } from "../command.ts";
import { converted, phantomRepo, planned } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("export-command");
const repo = await phantomRepo(root, 1);
const shards = path.join(root, "shards");
await converted(shards, repo);
const run = (...args: string[]) => voxshardSync(["export", ...args]);

test("a dry run tells rows and bytes of shards and of a source, and writes nothing", () => {
  const tree = path.join(root, "dry");
  for (const from of [shards, repo]) {
    const { status, stdout, stderr } = run(from, "--to", "npy", "--out", tree, "--dry-run", "--json");
    assert.equal(status, 0, stderr);
    const { rows, bytes } = JSON.parse(stdout);
    assert.ok(rows > 0 && bytes > rows * (from === repo ? 32 * 256 * 256 * 4 : 8 * 128 * 128), stdout);
    assert.equal(existsSync(tree), false);
  }
});

test("it exports, and says what it cannot", () => {
  const tree = path.join(root, "tree");
  const { status, stdout, stderr } = run(shards, "--to", "npy", "--split", "train", "--out", tree, "--json", "--quiet");
  assert.deepEqual([status, stderr], [0, ""]);
  const { rows, files } = JSON.parse(stdout);
  assert.ok(rows > 0 && files > rows && existsSync(path.join(tree, "M3D_Cap.json")));
  for (const [args, said] of [
    [["--to", "npy", "--out", tree, "--unlisted"], /--unlisted goes with a source/],
    [["--to", "nrrd", "--out", tree], /npy, nifti, chat, webdataset/],
    [["--to", "npy"], /no --out/],
    [["--to", "chat", "--out", `${tree}-chat`], /convert with --slices/],
    [["--to", "npy", "--pictures", "3", "--out", tree], /--pictures goes with --to chat/],
    [["--to", "chat", "--pictures", "0", "--out", tree], /--pictures 0: give a whole number/],
    [["--to", "chat", "--pictures", "65", "--out", tree], /at most 64/],
    [["--to", "chat", "--prompts", "/no/such", "--out", tree], /--prompts.*cannot be read/],
  ] as const) {
    const failed = run(shards, ...args);
    assert.equal(failed.status, 64, failed.stderr);
    assert.match(failed.stderr, said);
  }
  assert.equal(existsSync(`${tree}-chat`), false, "what shards lack is said before a folder is claimed");
});

test("arrays of native shards are no tree of the authors'", async () => {
  const native = path.join(root, "native");
  await converted(native, repo, { output: { volume: "native" } });
  const { status, stderr } = run(native, "--to", "npy", "--out", path.join(root, "of-native"));
  assert.equal(status, 64, stderr);
  assert.match(stderr, /native volumes.*shards of --volume m3d/);
});

test("what of a source cannot be read is named, and again when the export goes on; more than is allowed is no success", async () => {
  const [damaged, tree] = [path.join(root, "damaged"), path.join(root, "of-damaged")];
  await cp(repo, damaged, { recursive: true });
  const { plan, source } = await planned(damaged);
  await source.close();
  const row = plan.rows[0]!;
  const archive = path.join(damaged, plan.archives[row.archive]!.path);
  const bytes = await readFile(archive);
  const [from, to] = row.extents[0]!;
  await writeFile(archive, bytes.fill(0, from + Math.floor((to - from) / 2), to));
  const went = [[], [], ["--max-rejects", "100%"]].map((more) => {
    const { status, stdout } = run(damaged, "--to", "npy", "--out", tree, "--json", ...more);
    const named = readFileSync(path.join(tree, ".voxshard", "rejects.jsonl"), "utf8")
      .trim()
      .split("\n");
    assert.deepEqual(Object.values(JSON.parse(stdout).rejected), [1]);
    assert.deepEqual(
      named.map((line) => JSON.parse(line).id),
      [row.id],
    );
    return status;
  });
  assert.deepEqual(went, [65, 65, 0]);
});
