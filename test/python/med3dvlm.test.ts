import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { findPython, runPython } from "../../scripts/python.ts";
import { exportSource } from "../../src/export/export.ts";
import { exportKind } from "../../src/export/kinds.ts";
import { imagePath } from "../../src/export/npy.ts";
import type { Row } from "../../src/model/row.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import { workers } from "../../src/workers/workers.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("med3dvlm");
process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
const modules = ["nibabel", "numpy", "PIL", "torch"];
const python = findPython(modules);
const missing = python === undefined && `Python's ${modules.join(", ")} are not installed`;

async function run(...args: string[]): Promise<string[]> {
  const { code, text } = await runPython(python!, ["scripts/med3dvlm.py", ...args]);
  assert.equal(code, 0, text);
  return text.trim().split("\n");
}

/** Exports a source straight, and holds what came of it against the published preparation. */
async function compared(folder: string, recipe: string): Promise<string[]> {
  const { output, load } = exportKind("nifti", recipe);
  const source = await openSource(folder);
  const executor = workers(2);
  const tree = await mkdtemp(path.join(root, `${recipe}-`));
  // A row's id is its folder in these sources.
  const files: Record<string, string> = {};
  try {
    const { plan } = await planConversion(source, { selection: { unlisted: true }, output });
    const onRow = (row: Row) => (files[row.id] = imagePath(row).replace(/\.npy$/, ".nii.gz"));
    await exportSource(plan, source, { folder: tree, format: await load(), executor, onRow });
  } finally {
    await executor.close();
    await source.close();
  }
  const list = `${tree}.json`;
  await writeFile(list, JSON.stringify(files));
  return run("check", folder, tree, list, recipe);
}

test("each kind of slice, palettes with and without transparency too, comes as the published preparations have it", {
  skip: missing,
}, async () => {
  const drawn = path.join(root, "drawn");
  await run("draw", drawn);
  for (const recipe of ["med3dvlm", "m3d"])
    assert.deepEqual(
      await compared(drawn, recipe),
      ["ct_case/000007/Axial_drawn: not exported, nor has the reference", "6 volumes equal"],
      recipe,
    );
});

test("the goldens at depth 128 are, bit for bit, as Med3DVLM prepares them", {
  skip: missing || (withoutSharedData.skip ?? false),
}, async () => {
  assert.deepEqual(await compared(path.join(sharedData, "golden"), "med3dvlm"), [
    "ct_case/000007/black: not exported, nor has the reference",
    "ct_case/000007/gray128: not exported, nor has the reference",
    "ct_case/000008/Axial: not exported, nor has the reference",
    // Its report is no UTF-8, which ends the reference's work on the case, sooner or later.
    "ct_case/000009/Axial: not exported, but the reference has it",
    "12 volumes equal",
  ]);
});
