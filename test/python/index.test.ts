import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { membersOf } from "../../src/archive/folders.ts";
import { foldersByCase, placeOfFolder } from "../../src/catalogue/case-files.ts";
import { directoryOf } from "../../src/catalogue/directories.ts";
import { writeIndex } from "../../src/coordinates/write-index.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import { phantomRepo } from "../publish/phantom-output.ts";

const root = await mkdtemp(path.join(tmpdir(), "python-index-"));
process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
after(() => rm(root, { recursive: true, force: true }));
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
