import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { membersOf } from "../../src/archive/folders.ts";
import { foldersByCase, placeOfFolder } from "../../src/catalogue/case-files.ts";
import { directoryOf } from "../../src/catalogue/directories.ts";
import { writeIndex } from "../../src/coordinates/write-index.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { publishIndex } from "../../src/run/publish-coordinates.ts";
import { openSource } from "../../src/source/open-source.ts";
import { phantomRepo } from "../publish/phantom-output.ts";
import { startWritableHub } from "../publish/writable-hub.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("python-index");
process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
const modules = ["pyarrow", "polars", "duckdb"];
const python = findPython(modules);
const missing = python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : {};

test("pyarrow, polars and DuckDB read the light columns of an index, and each series' checksums", missing, async () => {
  const source = await openSource(await phantomRepo(root));
  const { file } = await writeIndex(source, path.join(root, "index"));
  const splits = new Map((await planConversion(source)).plan.rows.map(({ id, split }) => [id, split]));
  const expected: Record<string, unknown> = {};
  for (const archive of source.archives) {
    const { directory } = await directoryOf(source, archive);
    for (const [caseName, folders] of foldersByCase(directory, archive.above))
      for (const folder of folders) {
        const place = placeOfFolder(archive.above, folder);
        if (place?.kind !== "series") continue;
        const members = membersOf(folder);
        const id = `${caseName}/${place.series}`;
        const stored = members.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
        expected[id] = [archive.path, splits.get(id) ?? null, folder.count, stored, members.map(({ crc32 }) => crc32)];
      }
  }
  await source.close();
  const list = path.join(root, "expected.json");
  await writeFile(list, JSON.stringify(expected));
  const run = await runPython(python!, ["scripts/index_readers.py", file, list]);
  assert.equal(run.code, 0, run.text);
  const count = Object.keys(expected).length;
  assert.ok(count > 10);
  assert.equal(
    run.text.match(new RegExp(`^(pyarrow|polars|duckdb) \\S+: ${count} series$`, "gm"))?.length,
    3,
    run.text,
  );
});

const readers = ["datasets", "duckdb", "polars", "pyarrow", "huggingface_hub"];
const reading = findPython(readers);
const without = reading === undefined ? { skip: `Python's ${readers.join(", ")} are not installed` } : {};

test(
  "each block of Python on a published index's card runs as it stands, and `datasets` loads it",
  without,
  async () => {
    const source = await openSource(await phantomRepo(path.join(root, "card")));
    const folder = path.join(root, "card-index");
    await writeIndex(source, folder);
    const { plan } = await planConversion(source);
    const hub = await startWritableHub();
    try {
      await publishIndex(folder, "me/index", { endpoint: hub.endpoint });
      const card = hub.textOf(hub.repo("me/index").at("main"), "README.md")!;
      const load = `from datasets import load_dataset\nloaded = load_dataset("me/index", split="archives")\n`;
      await writeFile(path.join(root, "index.md"), `${card}\n\`\`\`python\n${load}\`\`\`\n`);
      const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer", HF_HOME: path.join(root, "hf") };
      const run = await runPython(reading!, ["scripts/snippets.py", path.join(root, "index.md")], env);
      assert.equal(run.code, 0, run.text);
      const told = new Map(
        [...run.text.matchAll(/^index\.md (\w+): (\d+) rows$/gm)].map(([, name, rows]) => [name, rows]),
      );
      const test = plan.rows.filter(({ split }) => split === "test");
      const archives = new Set(test.map(({ archive }) => archive));
      assert.equal(told.get("by_duckdb"), `${archives.size}`, run.text);
      assert.equal(told.get("by_polars"), `${archives.size}`);
      assert.equal(told.get("by_pyarrow"), `${test.length}`);
      assert.ok(Number(told.get("checksums")) > 0 && Number(told.get("loaded")) > plan.rows.length);
    } finally {
      await hub.close();
      await source.close();
    }
  },
);
