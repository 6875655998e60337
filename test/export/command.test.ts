import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { voxshardSync } from "../command.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
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
});
