import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { exportShards } from "../../src/export/export.ts";
import { exportKind } from "../../src/export/kinds.ts";
import { Selection } from "../../src/model/selection.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("nifti");
const modules = ["nibabel", "numpy", "pyarrow"];
const python = findPython(modules);
const missing = python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : {};

for (const [recipe, output, limit] of [
  ["m3d", { dtype: "float32" }, undefined],
  ["m3d", { dtype: "float16" }, undefined],
  ["m3d", { dtype: "uint8" }, undefined],
  ["native", { volume: "native" }, undefined],
  ["med3dvlm", { size: [128, 256, 256], dtype: "float32" }, 2],
] as const)
  test(`nibabel reads each array: ${recipe} ${JSON.stringify(output)}`, missing, async () => {
    const [out, tree] = [await mkdtemp(path.join(root, "out-")), await mkdtemp(path.join(root, "tree-"))];
    const repo = await phantomRepo(root, 1);
    const plan = await converted(out, repo, { output, ...(limit && { selection: { limit } }) });
    const format = await exportKind("nifti", recipe).load();
    const { rows } = await exportShards(out, Selection.parse({}), { folder: tree, format });
    const shards = plan.shards.map((shard) => path.join(out, shard.path));
    const run = await runPython(python!, ["scripts/nifti.py", tree, ...shards]);
    assert.equal(run.code, 0, run.text);
    assert.match(run.text, new RegExp(`^${rows} arrays equal$`, "m"));
    assert.ok(rows > 0);
  });
