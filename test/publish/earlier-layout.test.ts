import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { audit } from "../../src/audit/audit.ts";
import { folderRows } from "../../src/audit/read-rows.ts";
import { exportShards } from "../../src/export/export.ts";
import { npy } from "../../src/export/npy.ts";
import type { Plan } from "../../src/model/plan.ts";
import { Selection } from "../../src/model/selection.ts";
import { planOf } from "../../src/output/output-folder.ts";
import { takeDown } from "../../src/output/take-down.ts";
import { planHash } from "../../src/plan/plan-hash.ts";
import { convert } from "../../src/run/convert.ts";
import { publish } from "../../src/run/publish.ts";
import { verify } from "../../src/run/verify.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted, phantomRepo, planned } from "./phantom-output.ts";
import { startWritableHub } from "./writable-hub.ts";

const root = temporaryFolder("earlier");
const repo = await phantomRepo(root, 2);

/** As it was before volumes lay in a struct: such plans say nothing of a layout. */
async function convertedBefore(out: string, output: object): Promise<Plan> {
  const { plan: now, source, executor } = await planned(repo, { output });
  const { volumeLayout: _, ...before } = now.output;
  const plan: Plan = { ...now, output: before };
  await convert(plan, source, { folder: out, executor, connections: 2 });
  await source.close();
  return plan;
}

async function rowsOf(out: string, plan: Plan) {
  const found = [];
  for (const { path: name } of plan.shards) {
    const shard = await shardFormat(plan.output.format, plan.output.engine).open(path.join(out, name));
    found.push({ features: shard.features as { info: { features: Record<string, unknown> } }, rows: [] as unknown[] });
    for await (const row of shard.rows()) found.at(-1)!.rows.push(row);
  }
  return found;
}

for (const output of [{}, { engine: "parquetjs-lite" }, { format: "arrow" }])
  test(`shards of plain binary volumes are read, verified, audited, exported: ${JSON.stringify(output)}`, async () => {
    const [out, now] = [await mkdtemp(path.join(root, "out-")), await mkdtemp(path.join(root, "now-"))];
    const plan = await convertedBefore(out, output);
    const [before, today] = [await rowsOf(out, plan), await rowsOf(now, await converted(now, repo, { output }))];
    assert.deepEqual(
      before.map(({ rows }) => rows),
      today.map(({ rows }) => rows),
    );
    assert.deepEqual(before[0]!.features.info.features["volume"], { dtype: "binary", _type: "Value" });
    assert.deepEqual(today[0]!.features.info.features["volume"], { bytes: { dtype: "binary", _type: "Value" } });
    assert.equal(planHash(await planOf(out)), planHash(plan), "its plan is read as the plan that it was");
    const { problems, rows } = await verify(out);
    assert.deepEqual(problems, []);
    const audited = await audit((await folderRows(out, { most: null, seed: 0 })).rows, { out: `${out}-a`, title: "x" });
    assert.deepEqual([audited.series.length, rows], [12, 12]);
    const tree = await mkdtemp(path.join(root, "tree-"));
    assert.equal((await exportShards(out, Selection.parse({}), { folder: tree, format: npy })).rows, 12);
    // A shard that is made again has the layout of its neighbours.
    assert.equal((await takeDown(out, [plan.rows[0]!.id])).length, 1);
    assert.deepEqual((await verify(out)).problems, []);
    assert.deepEqual((await rowsOf(out, plan))[0]!.features, before[0]!.features);
  });

const modules = ["datasets", "PIL", "huggingface_hub"];
const python = findPython(modules);
const skip = python === undefined && `Python's ${modules.join(", ")} are not installed`;

test("they are published with a card that says what they are, which Python's clients load", { skip }, async (t) => {
  const hub = await startWritableHub();
  t.after(() => hub.close());
  const out = path.join(root, "published");
  await convertedBefore(out, {});
  await publish((await verify(out)).verified!, "me/before", { endpoint: hub.endpoint });
  const card = await readFile(path.join(out, "README.md"), "utf8");
  assert.match(card, /name: volume\n\s+dtype: binary/);
  assert.match(card, /np\.frombuffer\(row\["volume"\], /);
  const source = `
import datasets
for streaming in (False, True):
    row = next(iter(datasets.load_dataset("me/before", split="train", streaming=streaming)))
    assert isinstance(row["volume"], bytes) and len(row["volume"]) == 8 * 128 * 128, type(row["volume"])
`;
  const env = { HF_HOME: path.join(root, "hf"), HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" };
  const { code, text } = await runPython(python!, ["-c", source], env);
  assert.equal(code, 0, text);
});
