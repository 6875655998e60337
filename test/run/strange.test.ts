import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import type { Row } from "../../src/model/row.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { voxshard } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder("strange");

interface Case {
  readonly rows: readonly string[] | null;
  readonly rejects: Readonly<Record<string, string>>;
  readonly must_say: readonly string[];
  readonly note: string;
  readonly of?: Readonly<Record<string, { slice_count: number; pixels_sha256: string }>>;
}
const strange = path.join(sharedData, "strange");
const cases: Readonly<Record<string, Case>> =
  "skip" in withoutSharedData ? {} : JSON.parse(readFileSync(path.join(strange, "cases.json"), "utf8"));
const LISTED = new Set(["listed-and-absent", "names-with-signs"]);

function run(...args: readonly string[]) {
  return voxshard(args, { VOXSHARD_CACHE: path.join(folder, "cache") });
}

test("sources as people have them", withoutSharedData, async (t) => {
  for (const [name, expected] of Object.entries(cases))
    await t.test(`${name}: ${expected.note}`, async () => {
      const out = path.join(folder, name);
      const source = path.join(strange, name, name === "folder-is-the-collection" ? "ct_case" : "");
      const {
        code: status,
        stdout,
        stderr,
      } = await run(
        ...["convert", source, "--out", out, "--json", "--volume", "native", "--max-rejects", "100%"],
        ...(LISTED.has(name) ? [] : ["--unlisted"]),
      );
      const rows = await rowsOf(out);
      const rejects = rejectsOf(out);
      const told = `${status} ${stderr}\n${stdout}\n${JSON.stringify(rejects)}`;
      if (expected.rows) assert.deepEqual([...rows.keys()].sort(), [...expected.rows].sort(), told);
      for (const id of expected.rows ?? []) assert.ok(rows.get(id)!.report, `${id} has its report`);
      for (const [id, reason] of Object.entries(expected.rejects)) assert.equal(rejects.get(id), reason, told);
      for (const words of expected.must_say) assert.ok(`${stderr}${stdout}`.includes(words), told);
      if (expected.must_say.length > 0) assert.notEqual(status, 0, told);
      else if (expected.rows) assert.equal(status, 0, told);
      // Not fixed what becomes of it, but nothing may be lost without a word.
      else
        assert.ok(status !== 0 || rejects.size > 0 || [...rows.values()].some((row) => row.slices_dropped! > 0), told);
      for (const [id, { slice_count, pixels_sha256 }] of Object.entries(expected.of ?? {})) {
        const row = rows.get(id)!;
        assert.deepEqual([row.slice_count, row.pixels_sha256], [slice_count, pixels_sha256]);
      }
    });
});

async function rowsOf(out: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (const file of names(path.join(out, "data"))) {
    const shard = await shardFormat("parquet", "hyparquet-writer").open(path.join(out, "data", file));
    for await (const row of shard.rows()) rows.set(row.id, row);
  }
  return rows;
}

function rejectsOf(out: string): Map<string, string> {
  const text = names(out).includes("rejects.jsonl") ? readFileSync(path.join(out, "rejects.jsonl"), "utf8") : "";
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => JSON.parse(line)).map(({ id, reason }) => [id, reason]));
}

function names(at: string): readonly string[] {
  try {
    return readdirSync(at);
  } catch {
    return [];
  }
}
