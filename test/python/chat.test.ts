import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import type { ChatOptions } from "../../src/export/chat.ts";
import { exportSource } from "../../src/export/export.ts";
import { exportKind } from "../../src/export/kinds.ts";
import { phantomRepo, planned } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("chat");
function pythonWith(...modules: string[]): { python?: string; skip?: string } {
  const python = findPython(modules);
  return python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : { python };
}
const reader = pythonWith("datasets", "PIL");
const trainer = pythonWith("datasets", "PIL", "torch", "transformers", "trl");

for (const [style, options] of [
  ["messages", {}],
  ["llava", {}],
  ["messages", { pictures: "montage", prompts: ["What is seen?"], seed: 3 }],
  ["llava", { pictures: "montage" }],
] as const)
  test(`datasets reads the lines, Pillow the pictures: ${style} ${JSON.stringify(options)}`, reader, async () => {
    const { folder, rowsOf } = await exported(style, options);
    const splits = ["train", "test"].flatMap((split) => [split, rowsOf(split)]);
    await run(reader.python!, "scripts/chat.py", folder, ...splits);
  });

for (const options of [{}, { pictures: "montage" }] as const)
  test(`TRL trains on the lines, and templates render them: ${JSON.stringify(options)}`, trainer, async () => {
    const { folder, rowsOf } = await exported("messages", options);
    const said = await run(trainer.python!, "scripts/trl_chat.py", folder, "test", rowsOf("test"));
    assert.match(said, /^8 lines of test, \d+ pictures: TRL \S+ trains on them$/m);
  });

async function exported(style: string, options: ChatOptions) {
  const kind = exportKind("chat", style, options);
  const { plan, source, executor } = await planned(await phantomRepo(root), { output: kind.output });
  const folder = await mkdtemp(path.join(root, `${style}-`));
  const { withoutReport } = await exportSource(plan, source, { folder, format: await kind.load(), executor });
  await Promise.all([source.close(), executor.close()]);
  assert.equal(withoutReport, 0);
  return { folder, rowsOf: (split: string) => String(plan.rows.filter((row) => row.split === split).length) };
}

async function run(python: string, ...args: string[]): Promise<string> {
  const { code, text } = await runPython(python, args, { HF_HOME: path.join(root, "hf") });
  assert.equal(code, 0, text);
  return text;
}
