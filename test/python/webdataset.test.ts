import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { exportShards } from "../../src/export/export.ts";
import type { ExportFormat } from "../../src/export/export-format.ts";
import { webdataset } from "../../src/export/webdataset.ts";
import type { Row } from "../../src/model/row.ts";
import { Selection } from "../../src/model/selection.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("webdataset");
function pythonWith(...modules: string[]): { python?: string; skip?: string } {
  const python = findPython(modules);
  return python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : { python };
}

const tarfile = pythonWith("numpy", "pyarrow");
test("Python's tarfile finds each row as a sample; again, the same bytes", tarfile, async () => {
  const [out, tree, other] = ["out", "tree", "other"].map((name) => path.join(root, name)) as [string, string, string];
  const plan = await converted(out, await phantomRepo(root));
  for (const folder of [tree, other]) await exportShards(out, Selection.parse({}), { folder, format: webdataset });
  assert.equal((await exportShards(out, Selection.parse({}), { folder: tree, format: webdataset })).kept, 24);
  const shards = plan.shards.map((shard) => path.join(out, shard.path));
  for (const shard of shards) {
    const name = `${path.parse(shard).name}.tar`;
    assert.ok((await readFile(path.join(tree, name))).equals(await readFile(path.join(other, name))), name);
  }
  const run = await runPython(tarfile.python!, ["scripts/webdataset.py", tree, ...shards]);
  assert.equal(run.code, 0, run.text);
  assert.match(run.text, /^24 samples equal$/m);
});

/** The first rows of each shard know little of themselves: readers take every sample's types from them. */
function firstOnesBare(samples: Record<string, unknown>): ExportFormat {
  let shard: string | undefined;
  return {
    ...webdataset,
    made(row) {
      const isFirst = row.split !== shard;
      shard = row.split ?? "";
      const bare: Row = isFirst ? { ...row, report: null, phase: null, plane: null, subsets: null } : row;
      const made = webdataset.made(bare);
      samples[made.files[0]!.path.split(".")[0]!] = [
        createHash("sha256").update(row.volume!).digest("hex"),
        row.volume_shape,
        row.volume_dtype,
        bare.report ?? "",
        JSON.parse(Buffer.from(made.files[0]!.bytes).toString()),
      ];
      return made;
    },
  };
}

for (const [reader, dtype] of [
  ["datasets", "uint8"],
  ["datasets", "float32"],
  ["ray", "uint8"],
] as const) {
  const { python, ...skip } = pythonWith("numpy", ...(reader === "ray" ? ["ray", "ray.data"] : [reader]));
  test(`the reader that ${reader} has gives each sample, whatever the first of them lack: ${dtype}`, skip, async () => {
    const tree = path.join(root, `${reader}-${dtype}`);
    const out = `${tree}-shards`;
    await converted(out, await phantomRepo(root), { output: { dtype, size: [2, 16, 16] } });
    const samples = {};
    await exportShards(out, Selection.parse({}), { folder: tree, format: firstOnesBare(samples) });
    const file = `${tree}.json`;
    await writeFile(file, JSON.stringify(samples));
    const args = ["scripts/webdataset_readers.py", reader, tree, file];
    const run = await runPython(python!, args, { HF_HOME: path.join(root, "hf") });
    assert.equal(run.code, 0, run.text);
    assert.match(run.text, new RegExp(`^${reader} \\S+: 24 samples$`, "m"));
  });
}
