import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { allReceipts } from "../../src/run/output-folder.ts";
import { startHub } from "../hub/hub.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";

const root = await mkdtemp(path.join(tmpdir(), "python-"));
after(() => rm(root, { recursive: true, force: true }));
const repo = await phantomRepo(root);
const env = { HF_HOME: path.join(root, "hf") };

function pythonWith(...modules: string[]): { python?: string; skip?: string } {
  const python = findPython(modules);
  return python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : { python };
}

const client = pythonWith("huggingface_hub");
test("Python's Hub client lists, downloads and reads ranges of what the miniature Hub serves", client, async () => {
  const hub = await startHub({ dir: repo, repo: "phantoms/M3D-Cap" });
  const settings = { ...env, HF_ENDPOINT: hub.endpoint, HF_TOKEN: undefined };
  const run = await runPython(client.python!, ["scripts/downloaded.py", "phantoms/M3D-Cap", repo], settings);
  assert.equal(run.code, 0, run.text);
  assert.match(run.text, /\d+ files listed, downloaded and read in ranges/);
  await hub.close();
});

const readers = pythonWith("pyarrow", "polars", "duckdb", "datasets");
for (const [name, output, count] of [
  ["Parquet by hyparquet-writer", { codec: "snappy" }, 4],
  ["Parquet by parquetjs-lite", { engine: "parquetjs-lite", codec: "snappy" }, 4],
  ["Arrow", { format: "arrow" }, 3],
] as const)
  test(
    `Python's readers find each volume that was assembled, and previews are pictures: ${name}`,
    readers,
    async () => {
      const out = path.join(root, name);
      const plan = await converted(out, repo, { output });
      const expected: Record<string, Record<string, string>> = {};
      for (const { path: shard, ids, volumes } of await allReceipts(out, plan)) {
        const split = (expected[path.basename(shard).split("-")[0]!] ??= {});
        for (const [row, id] of ids.entries()) split[id] = volumes[row]!;
      }
      const file = path.join(root, `${name}.json`);
      await writeFile(file, JSON.stringify(expected));
      const run = await runPython(readers.python!, ["scripts/readers.py", out, file], env);
      assert.equal(run.code, 0, run.text);
      assert.equal(run.text.match(/^(pyarrow|polars|duckdb|datasets) \S+: 24 rows$/gm)?.length, count, run.text);
    },
  );
