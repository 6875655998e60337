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

async function formats(folder: string, expected: string): Promise<string[]> {
  const run = await runPython(python!, ["scripts/formats.py", folder, expected], env);
  assert.equal(run.code, 0, run.text);
  return run.text.split("\n").filter((line) => / rows$/.test(line));
}

for (const format of ["parquet", "arrow"] as const)
  test(`each format of \`datasets\`, map-style and streamed, gives each phantom's volume whole: ${format}`, {
    skip: missing,
  }, async () => {
    const out = path.join(root, format);
    const plan = await converted(out, await phantomRepo(root), { output: { format } });
    const lines = await formats(out, await expectedVolumes(out, plan));
    const splits = new Set(plan.rows.map(({ split }) => split)).size;
    // Without one, plain Python, pandas, polars and Arrow at least.
    assert.ok(lines.length >= 2 * splits * 4 && lines.length % (2 * splits) === 0, lines.join("\n"));
  });

test("each format of `datasets` gives each volume of real CT whole", {
  skip: missing || (withoutSharedData.skip ?? false),
}, async () => {
  const out = path.join(root, "mini");
  const { plan } = await conversion(path.join(sharedData, "m3d-mini"), out);
  await finalize(out);
  const lines = await formats(out, await expectedVolumes(out, plan));
  assert.ok(
    lines.some((line) => /^None streamed test: \d+ rows$/.test(line)),
    lines.join("\n"),
  );
});
