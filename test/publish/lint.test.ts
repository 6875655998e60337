import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { verify } from "../../src/run/verify.ts";
import { type Lint, lintFile } from "../../src/verify/lint.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted, phantomRepo } from "./phantom-output.ts";

const root = temporaryFolder("lint");
let repo: string;
before(async () => {
  repo = await phantomRepo(root);
});

/** What DuckDB, a writer that knows nothing of the Hub, makes of a query. */
async function written(query: string, name = "test-00000-of-00001.parquet", options = ""): Promise<Lint> {
  const db = await (await DuckDBInstance.create()).connect();
  const file = path.join(root, name);
  await db.run(`COPY (${query}) TO '${file}' (FORMAT parquet${options})`);
  return lintFile(file, `data/${name}`, (await stat(file)).size, "test");
}

const said = (lint: Lint) => lint.problems.map(({ what }) => what).join("\n");

test("a file without a page index is found", async () => {
  assert.match(said(await written("SELECT 'a' AS id")), /no page index on id/);
});

test("a row group above the viewer's scan limit is found", async () => {
  const query = "SELECT repeat('x', 4000000) || i AS report FROM range(80) t(i)";
  assert.match(said(await written(query, "test-00000-of-00001.parquet")), /row group of 3\d{8} bytes/);
});

test("a column whose Arrow type is not its feature's is found", async () => {
  const lint = await written(
    "SELECT 'a' AS id, [1::BIGINT] AS volume_shape, {'path': 'p', 'bytes': 'b'::BLOB} AS preview, 1::INT AS row",
  );
  assert.match(said(lint), /volume_shape is list<INT64>, its feature needs list<int32>/);
  assert.match(said(lint), /preview is struct<path: string, bytes: binary>/);
  assert.doesNotMatch(said(lint), /column id|column row/);
});

test("a name that the Hub would take for another split is found", async () => {
  assert.match(said(await written("SELECT 'a' AS id", "evaluation.parquet")), /split train/);
});

const outputs: readonly [string, object, RegExp | undefined][] = [
  ["a row of 0.1 MB", {}, undefined],
  ["a row of 8 MB", { size: [32, 256, 256], dtype: "float32", shardBytes: 60e6 }, /bytes a row/],
  ["Arrow", { format: "arrow" }, /is Arrow/],
  ["parquetjs-lite", { engine: "parquetjs-lite", codec: "snappy" }, undefined],
];
for (const [name, output, advice] of outputs) {
  test(`our own shards hold, with advice where it is due: ${name}`, async () => {
    const out = path.join(root, name.replace(/\W/g, "-"));
    await converted(out, repo, { output, selection: { splits: ["test100"] } });
    const found = await verify(out);
    assert.deepEqual(found.problems, []);
    assert.ok(found.verified);
    if (advice) assert.match(found.advice.map(({ what }) => what).join("\n"), advice);
    else assert.deepEqual(found.advice, []);
    assert.ok(found.advice.every(({ remedy }) => remedy !== undefined));
  });
}
