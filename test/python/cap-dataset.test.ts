import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { findPython, runPython } from "../../scripts/python.ts";
import { exportShards } from "../../src/export/export.ts";
import { npy } from "../../src/export/npy.ts";
import { Selection } from "../../src/model/selection.ts";
import { conversion } from "../run/conversion.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("cap-dataset");
process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
const modules = ["torch", "numpy", "datasets"];
const python = findPython(modules);
const missing = python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : withoutSharedData;

test(
  "the authors' CapDataset reads the tree, and the lines in docs/torch.md give the same items",
  missing,
  async () => {
    const [out, tree, home] = ["out", "tree", "hf"].map((name) => path.join(root, name)) as [string, string, string];
    await mkdir(home);
    const selection = Selection.parse({ splits: ["test", "validation"] });
    await conversion(path.join(sharedData, "m3d-mini"), out, { selection });
    await exportShards(out, selection, { folder: tree, format: npy });
    const loader = path.join(sharedData, "authors-loader", "cap_dataset.py");
    for (const [split, items] of [
      ["test", 8],
      ["validation", 4],
    ] as const) {
      const run = await runPython(python!, ["scripts/cap_dataset.py", loader, tree, out, split], { HF_HOME: home });
      assert.equal(run.code, 0, run.text);
      assert.match(run.text, new RegExp(`^${items} items of ${split}: image and text equal$`, "m"));
    }
  },
);
