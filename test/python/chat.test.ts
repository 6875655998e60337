import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { exportSource } from "../../src/export/export.ts";
import { exportKind } from "../../src/export/kinds.ts";
import { phantomRepo, planned } from "../publish/phantom-output.ts";

const root = await mkdtemp(path.join(tmpdir(), "chat-"));
after(() => rm(root, { recursive: true, force: true }));
const modules = ["datasets", "PIL"];
const python = findPython(modules);
const missing = python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : {};

for (const [style, options] of [
  ["messages", {}],
  ["llava", {}],
  ["messages", { pictures: "montage", prompts: ["What is seen?"], seed: 3 }],
] as const)
  test(`datasets reads the lines, Pillow the pictures: ${style} ${JSON.stringify(options)}`, missing, async () => {
    const kind = exportKind("chat", style, options);
    const { plan, source, executor } = await planned(await phantomRepo(root), { output: kind.output });
    const folder = path.join(root, `${style}-${Object.keys(options).length}`);
    const { withoutReport } = await exportSource(plan, source, { folder, format: await kind.load(), executor });
    await Promise.all([source.close(), executor.close()]);
    assert.equal(withoutReport, 0);
    for (const split of ["train", "test"]) {
      const rows = plan.rows.filter((row) => row.split === split).length;
      const args = ["scripts/chat.py", folder, split, String(rows)];
      const run = await runPython(python!, args, { HF_HOME: path.join(root, "hf") });
      assert.equal(run.code, 0, run.text);
    }
  });
