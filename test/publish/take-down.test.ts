import assert from "node:assert/strict";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { isFault } from "../../src/errors.ts";
import type { Plan } from "../../src/model/plan.ts";
import { receiptPath } from "../../src/output/layout.ts";
import { sha256OfFile } from "../../src/output/output-folder.ts";
import { allReceipts } from "../../src/output/receipts.ts";
import { takeDown } from "../../src/output/take-down.ts";
import { verify } from "../../src/run/verify.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted, phantomRepo } from "./phantom-output.ts";

const root = temporaryFolder("take-down");
let repo: string;
before(async () => {
  repo = await phantomRepo(root);
});

const sums = async (out: string, plan: Plan) =>
  Promise.all(plan.shards.map((shard) => sha256OfFile(path.join(out, shard.path))));

test("one series goes: one shard changes, the index and the rejects say so, everything holds", async () => {
  const out = path.join(root, "one");
  const plan = await converted(out, repo);
  const before = await sums(out, plan);
  const id = plan.rows[1]!.id;
  assert.deepEqual(await takeDown(out, [id]), [id]);
  const after = await sums(out, plan);
  assert.equal(after.filter((sum, at) => sum !== before[at]).length, 1);
  const db = await (await DuckDBInstance.create()).connect();
  const found = await db.runAndReadAll(
    `SELECT count(*)::INT FROM (SELECT id FROM read_parquet('${out}/data/*') UNION ALL SELECT id FROM '${out}/index.parquet') WHERE id = '${id}'`,
  );
  assert.equal(found.getRows()[0]![0], 0);
  assert.match(await readFile(path.join(out, "rejects.jsonl"), "utf8"), new RegExp(`"${id}".*"taken-down"`));
  assert.deepEqual((await verify(out)).problems, []);
  assert.deepEqual(await takeDown(out, [id]), [], "a second time removes nothing");
});

test("a shard that is made again does not bring it back", async () => {
  const out = path.join(root, "again");
  const plan = await converted(out, repo);
  const id = plan.rows.at(-1)!.id;
  await takeDown(out, [id]);
  await rm(path.join(out, plan.shards.at(-1)!.path));
  await converted(out, repo);
  assert.ok((await allReceipts(out, plan)).every(({ ids }) => !ids.includes(id)));
  assert.deepEqual(await takeDown(out, []), [], "nothing is left to be removed");
  assert.deepEqual((await verify(out)).problems, []);
});

test("stopped between file and receipt, it is brought to its end", async () => {
  const out = path.join(root, "stopped");
  const plan = await converted(out, repo);
  const id = plan.rows[0]!.id;
  const receipt = receiptPath(out, 0);
  const old = await readFile(receipt, "utf8");
  await takeDown(out, [id]);
  await rename(receipt, `${receipt}.next`);
  await writeFile(receipt, old);
  await takeDown(out, [id]);
  assert.ok(!(await allReceipts(out, plan))[0]!.ids.includes(id));
  assert.deepEqual((await verify(out)).problems, []);
});

test("a shard that is damaged is not rewritten, and an unknown id is an error", async () => {
  const out = path.join(root, "damaged");
  const plan = await converted(out, repo);
  await assert.rejects(takeDown(out, ["ct_case/999999/Axial"]), (error) => isFault(error, "usage"));
  const file = path.join(out, plan.shards[0]!.path);
  const bytes = await readFile(file);
  bytes[2000]! ^= 1;
  await writeFile(file, bytes);
  await assert.rejects(takeDown(out, [plan.rows[0]!.id]), (error) => isFault(error, "not-verified"));
});

test("a shard may lose every row", async () => {
  const out = path.join(root, "empty");
  const plan = await converted(out, repo);
  const { first, end } = plan.shards[0]!;
  await takeDown(
    out,
    plan.rows.slice(first, end).map((row) => row.id),
  );
  assert.deepEqual((await verify(out)).problems, []);
});
