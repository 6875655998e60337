import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { exportShards } from "../../src/export/export.ts";
import { webdataset } from "../../src/export/webdataset.ts";
import { Selection } from "../../src/model/selection.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("webdataset");
const modules = ["numpy", "pyarrow"];
const python = findPython(modules);
const missing = python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : {};

test("Python's tarfile finds each row as a sample; again, the same bytes", missing, async () => {
  const [out, tree, other] = ["out", "tree", "other"].map((name) => path.join(root, name)) as [string, string, string];
  const plan = await converted(out, await phantomRepo(root));
  for (const folder of [tree, other]) await exportShards(out, Selection.parse({}), { folder, format: webdataset });
  assert.equal((await exportShards(out, Selection.parse({}), { folder: tree, format: webdataset })).kept, 24);
  const shards = plan.shards.map((shard) => path.join(out, shard.path));
  for (const shard of shards) {
    const name = `${path.parse(shard).name}.tar`;
    assert.ok((await readFile(path.join(tree, name))).equals(await readFile(path.join(other, name))), name);
  }
  const run = await runPython(python!, ["scripts/webdataset.py", tree, ...shards]);
  assert.equal(run.code, 0, run.text);
  assert.match(run.text, /^24 samples equal$/m);
});
