import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { findPython, runPython } from "../../scripts/python.ts";
import { finalize } from "../../src/output/finalize.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { conversion } from "../run/conversion.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { expectedVolumes } from "./expected-volumes.ts";

const root = temporaryFolder("formats");
process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
const env = { HF_HOME: path.join(root, "hf") };
const modules = ["datasets", "PIL", "pandas", "polars"];
const python = findPython(modules);
const missing = python === undefined && `Python's ${modules.join(", ")} are not installed`;

test("each format of `datasets`, map-style and streamed, gives each volume whole, of phantoms and of real CT", {
  skip: missing,
}, async () => {
  const [folders, splits]: [string[], Map<string, number>] = [[], new Map()];
  for (const format of ["parquet", "arrow"] as const) {
    const out = path.join(root, format);
    const plan = await converted(out, await phantomRepo(root), { output: { format } });
    splits.set(format, new Set(plan.rows.map(({ split }) => split)).size);
    folders.push(out, await expectedVolumes(out, plan));
  }
  if (!("skip" in withoutSharedData)) {
    const out = path.join(root, "mini");
    const { plan } = await conversion(path.join(sharedData, "m3d-mini"), out);
    await finalize(out);
    splits.set("mini", new Set(plan.rows.map(({ split }) => split)).size);
    folders.push(out, await expectedVolumes(out, plan));
  }
  // In one process, since loading `datasets` and what it formats for takes longer than reading.
  const run = await runPython(python!, ["scripts/formats.py", ...folders], env);
  assert.equal(run.code, 0, run.text);
  for (const [name, of] of splits) {
    const lines = run.text.split("\n").filter((line) => line.startsWith(`${name}: `) && / rows$/.test(line));
    // Without one, plain Python, pandas, polars and Arrow at least.
    assert.ok(lines.length >= 2 * of * 4 && lines.length % (2 * of) === 0, lines.join("\n"));
  }
});
