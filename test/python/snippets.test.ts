import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import type { Plan } from "../../src/model/plan.ts";
import { publish } from "../../src/run/publish.ts";
import { verify } from "../../src/run/verify.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { startWritableHub } from "../publish/writable-hub.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("snippets");
const repo = await phantomRepo(root);
const hub = await startWritableHub();
after(() => hub.close());
const modules = ["datasets", "PIL", "pandas", "torch", "duckdb", "polars", "pyarrow"];
const python = findPython(modules);
const missing = python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : {};

const item = /^float32 \[1, 8, 128, 128\] str$/;
const cards = [
  ["float32", { dtype: "float32", shardBytes: 1_200_000 }, item],
  ["uint8", { order: "shuffle", seed: 1 }, item],
  ["native", { volume: "native", shardBytes: 40_000 }, /^float32 \[\d, 48, 48\] str$/],
  ["arrow", { format: "arrow" }, item],
  ["stream", { format: "arrow-stream" }, item],
  ["slices", { volume: "none", slices: true }, undefined],
] as const;

test(
  "each block of Python on a published card runs as it stands, and finds the rows that are there",
  missing,
  async () => {
    const plans = new Map<string, Plan>();
    for (const [name, output] of cards) {
      const out = path.join(root, name);
      plans.set(name, await converted(out, repo, { output }));
      await publish((await verify(out)).verified!, `me/${name}`, { endpoint: hub.endpoint });
      await writeFile(path.join(root, `${name}.md`), hub.textOf(hub.repo(`me/${name}`).at("main")!, "README.md")!);
    }
    const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer", HF_HOME: path.join(root, "hf") };
    const run = await runPython(
      python!,
      ["scripts/snippets.py", ...cards.map(([name]) => path.join(root, `${name}.md`))],
      env,
    );
    assert.equal(run.code, 0, run.text);
    assert.doesNotMatch(run.text, /Too many dataloader workers/);
    for (const [name, , image] of cards) {
      const told = [...run.text.matchAll(new RegExp(`^${name}\\.md (\\w+): (.*)$`, "gm"))];
      const { rows } = plans.get(name)!;
      const test = rows.filter(({ split }) => split === "test");
      const axial = (of: typeof rows) => `${of.filter(({ series }) => /^axial/i.test(series)).length} rows`;
      const all = `${test.length} rows`;
      const batches = `${all}, ${test.length} texts`;
      const found = told.flatMap(([, what, value]) => (what === "item" ? [] : [[what, value]]));
      assert.deepEqual(
        found,
        [
          ["rows", all],
          ["short", "2 rows"],
          ["axial", axial(test)],
          ["mixed", all],
          ...(image
            ? [
                ["loader", batches],
                ["stream", all],
                ["streamed", batches],
              ]
            : []),
          ["index", `${rows.length} rows`],
          ["axial", axial(rows)],
          ...(name === "stream"
            ? ["by_datasets", "by_pyarrow", "by_polars"].map((by) => [by, "2 rows"])
            : ["by_duckdb", "by_polars", "by_pyarrow"].map((by) => [by, axial(test)])),
        ],
        run.text,
      );
      if (image) assert.match(told.find(([, what]) => what === "item")![2]!, image);
    }
  },
);
