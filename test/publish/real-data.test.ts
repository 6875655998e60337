import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { downloadFile, listFiles } from "@huggingface/hub";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { findPython, runPython } from "../../scripts/python.ts";
import { publish } from "../../src/run/publish.ts";
import { verify } from "../../src/run/verify.ts";
import { voxshard } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted } from "./phantom-output.ts";
import { startWritableHub, type WritableHub } from "./writable-hub.ts";

const root = temporaryFolder("real-data");
process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
const ID = "me/real-data";

/** All of a published data set by the Hub's own client, and DuckDB on it. */
async function readBack(
  hub: WritableHub,
  folder: string,
): Promise<(sql: string) => Promise<Record<string, unknown>[]>> {
  const access = { repo: { type: "dataset", name: ID }, hubUrl: hub.endpoint, accessToken: "hf_writer" } as const;
  await mkdir(path.join(folder, "data"), { recursive: true });
  for await (const { type, path: name, size } of listFiles({ ...access, recursive: true })) {
    // The client asks for byte 0 of an empty file, and takes the refusal for an error.
    if (type !== "file" || size === 0) continue;
    await writeFile(
      path.join(folder, name),
      Buffer.from(await (await downloadFile({ ...access, path: name }))!.arrayBuffer()),
    );
  }
  const db = await (await DuckDBInstance.create()).connect();
  return async (sql) =>
    (await db.runAndReadAll(sql.replaceAll("DATA", `'${folder}/data/*.parquet'`))).getRowObjectsJson();
}

/** SHA-256 of every slice of a collection's archives, by case/series/slice: as another program reads the ZIP. */
async function slicesOf(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const collection of ["ct_case", "ct_quizze"])
    for (const name of await readdir(path.join(folder, "M3D_Cap", collection))) {
      const zip: ZipFile = await openPromise(path.join(folder, "M3D_Cap", collection, name));
      for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
        const parts = entry.fileName.split("/").slice(-3);
        if (entry.fileName.endsWith("/") || parts.at(-1) === "text.txt") continue;
        const hash = createHash("sha256");
        for await (const chunk of await zip.openReadStreamPromise(entry)) hash.update(chunk as Buffer);
        found.set([collection, ...parts].join("/"), hash.digest("hex"));
      }
    }
  return found;
}

test("m3d-mini straight through, and read back: each slice's bytes are the source's", withoutSharedData, async () => {
  const dir = path.join(sharedData, "m3d-mini");
  const hub = await startWritableHub({ dir, repo: "mini/M3D-Cap" });
  const args = ["mini/M3D-Cap", "--volume", "none", "--slices", "--publish", ID, "--out", path.join(root, "mini")];
  const run = await voxshard(["convert", ...args, "--json"], { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" });
  assert.equal(run.code, 0, run.stderr);
  const query = await readBack(hub, path.join(root, "mini-back"));
  const rows = await query(
    "SELECT split, count(*)::INT AS n, sum(slices_dropped)::INT AS dropped FROM DATA GROUP BY ALL",
  );
  assert.deepEqual(Object.fromEntries(rows.map(({ split, n }) => [split, n])), { train: 22, validation: 4, test: 8 });
  const slices = await query(
    "SELECT id || '/' || s.path AS name, sha256(s.bytes) AS sum FROM (SELECT id, unnest(slices) AS s FROM DATA)",
  );
  const source = await slicesOf(dir);
  for (const { name, sum } of slices) assert.equal(sum, source.get(String(name)), String(name));
  const ids = new Set((await query("SELECT id FROM DATA")).map(({ id }) => id));
  const dropped = rows.reduce((sum, row) => sum + Number(row["dropped"]), 0);
  const ofRows = [...source.keys()].filter((name) => ids.has(path.posix.dirname(name)));
  assert.equal(slices.length + dropped, ofRows.length);
  await hub.close();
});

interface Golden {
  readonly cases: { case: string; series: { dir: string; expected?: { sha256_voxels?: string } }[] }[];
}

test("published, and read back: the volumes are those that the authors' script made", withoutSharedData, async (t) => {
  const hub = await startWritableHub({ partBytes: 20_000_000 });
  const out = path.join(root, "golden");
  const output = { size: [32, 256, 256], dtype: "float32", codec: "snappy", shardBytes: 40e6, rowGroupBytes: 16e6 };
  await converted(out, path.join(sharedData, "golden"), { output, selection: { unlisted: true } });
  const { verified, problems } = await verify(out);
  assert.deepEqual(problems, []);
  await publish(verified!, ID, { endpoint: hub.endpoint });
  const query = await readBack(hub, path.join(root, "golden-back"));
  const found = await query("SELECT id, sha256(volume.bytes) AS sum FROM DATA");
  const sums = Object.fromEntries(found.map(({ id, sum }) => [String(id), String(sum)]));
  const { cases } = JSON.parse(await readFile(path.join(sharedData, "golden", "manifest.json"), "utf8")) as Golden;
  const golden = cases.flatMap((one) =>
    one.series.map(({ dir, expected }) => [`ct_case/${one.case}/${dir}`, expected?.sha256_voxels]),
  );
  const expected = golden.filter(([, sum]) => sum !== undefined);
  assert.ok(expected.length > 8, `${expected.length} goldens`);
  for (const [id, sum] of expected) assert.equal(sums[id!], sum, id);
  await t.test("by Python's clients, where they are", async (t) => {
    const file = path.join(root, "expected.json");
    await writeFile(file, JSON.stringify({ unlisted: sums }));
    const python = findPython(["datasets", "huggingface_hub"]);
    if (python === undefined) return t.skip("Python's huggingface_hub and datasets are not installed");
    const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer", HF_HOME: path.join(root, "hf") };
    const { code, text } = await runPython(python, ["scripts/published.py", ID, file], env);
    assert.equal(code, 0, text);
  });
  await hub.close();
});
