import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { findPython, runPython } from "../../scripts/python.ts";
import { conversion } from "../run/conversion.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const root = temporaryFolder("row-bytes");
process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
const python = findPython(["pyarrow"]);
const missing = python === undefined ? { skip: "Python's pyarrow is not installed" } : withoutSharedData;

interface Measured {
  readonly rows: number;
  readonly groups: number;
  readonly byNumber: number;
  readonly footer: number;
}

for (const [dtype, perGroup] of [
  ["float32", 1],
  ["float16", 1],
  ["uint8", 3],
] as const)
  test(
    `by default a row costs pyarrow its group's bytes, and footers are next to nothing: ${dtype}`,
    missing,
    async () => {
      const out = path.join(root, dtype);
      const selection = { splits: ["train" as const] };
      const { plan } = await conversion(path.join(sharedData, "m3d-mini"), out, { output: { dtype }, selection });
      const run = await runPython(python!, [
        "scripts/row_bytes.py",
        ...plan.shards.map((shard) => path.join(out, shard.path)),
      ]);
      assert.equal(run.code, 0, run.text);
      for (const line of run.text.trim().split("\n")) {
        const { rows, groups, byNumber, footer } = JSON.parse(line) as Measured;
        assert.equal(groups, Math.ceil(rows / perGroup));
        assert.ok(byNumber <= 1.1 * perGroup, line);
        assert.ok(footer <= 0.001, line);
      }
    },
  );
