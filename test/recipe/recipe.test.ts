import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { isFault } from "../../src/errors.ts";
import { parsePlan } from "../../src/model/plan.ts";
import { Recipe, RecipeRow, recipeColumns } from "../../src/model/recipe.ts";
import type { Row } from "../../src/model/row.ts";
import { takeDown } from "../../src/output/take-down.ts";
import { makeRecipe } from "../../src/recipe/make-recipe.ts";
import { openSource, sourceText } from "../../src/source/open-source.ts";
import { conversion } from "../run/conversion.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { filesOf } from "./files-of.ts";

const home = temporaryFolder("recipe");
process.env["VOXSHARD_CACHE"] = path.join(home, "cache");

const open = (source: Parameters<typeof sourceText>[0]) => openSource(sourceText(source));
const refuse = () => Promise.reject(new Error("nothing may be read"));

/** The Parquet files in a file of a recipe. */
function parquetsIn(name: string, bytes: Buffer, { archives }: Recipe): readonly Buffer[] {
  if (name.endsWith(".parquet")) return [bytes];
  return name === "directories.bin" ? archives.map(({ directory: { start, end } }) => bytes.subarray(start, end)) : [];
}

/** A file's bytes, and of Parquet all its cells as text too: compression hides nothing from the search. */
async function readable(name: string, bytes: Buffer, recipe: Recipe): Promise<Buffer> {
  const parts: Uint8Array[] = [bytes];
  for (const parquet of parquetsIn(name, bytes, recipe)) {
    const file = new Uint8Array(parquet).buffer;
    const compressors = { GZIP: (input: Uint8Array) => gunzipSync(input) };
    for (const row of await parquetReadObjects({ file, compressors, utf8: false }))
      for (const cell of Object.values(row)) {
        const text = () => JSON.stringify(cell, (_, value) => (typeof value === "bigint" ? `${value}` : value)) ?? "";
        parts.push(cell instanceof Uint8Array ? cell : Buffer.from(text()), Buffer.from("\n"));
      }
  }
  return Buffer.concat(parts);
}

/** A run of so many bytes of a picture is in no other file by chance. */
const PICTURE_RUN = 12;
/** Words of a report are in ids and names too; so long a piece of its text is not. */
const REPORT_RUN = 24;

/** Runs of `length` bytes, as latin1, each so many bytes behind the one before. */
function* runs(bytes: Uint8Array, length: number, step = length): Generator<string> {
  const text = Buffer.from(bytes).toString("latin1");
  for (let at = 0; at + length <= text.length; at += step) yield text.slice(at, at + length);
}

/**
 * Fails where a run of a slice's or preview's bytes, or of a report's, is in a file of the recipe. Every run that begins at
 * a multiple of its length is looked for: whatever is twice as long as one is found wherever it begins.
 */
async function assertNothingOf(rows: Iterable<Row>, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const known = { picture: new Set<string>(), report: new Set<string>() };
  const recipe = Recipe.parse(JSON.parse(files.get("recipe.json")!.toString()));
  for (const [name, bytes] of files) {
    const all = await readable(name, bytes, recipe);
    for (const run of runs(all, PICTURE_RUN, 1)) known.picture.add(run);
    for (const run of runs(all, REPORT_RUN, 1)) known.report.add(run);
  }
  let compared = 0;
  const isPlain = (run: string) => new Set(run).size < 4;
  for (const { id, slices, preview, report, report_raw, report_sections } of rows) {
    for (const { bytes } of [...(slices ?? []), preview ?? { bytes: null }])
      for (const run of runs(bytes ?? new Uint8Array(0), PICTURE_RUN)) {
        compared += 1;
        assert.ok(isPlain(run) || !known.picture.has(run), `${id}: a piece of a picture is in the recipe`);
      }
    for (const text of [report, report_raw, ...Object.values(report_sections ?? {})])
      for (const run of runs(Buffer.from(text ?? ""), REPORT_RUN)) {
        compared += 1;
        assert.ok(!known.report.has(run), `${id}: ${JSON.stringify(run)} of its report is in the recipe`);
      }
  }
  assert.ok(compared > 2_000, `${compared} runs compared`);
}

const source = path.join(home, "phantoms");
await writePhantomRepo(source, { archives: 3, casesPerArchive: 2, slices: 8, height: 40, width: 48, unlisted: 1 });

const out = path.join(home, "out");
const output = { volume: "none", slices: true } as const;
const { rows, plan, receipts } = await conversion(source, out, { selection: { unlisted: true }, output });
async function recipeIn(name: string) {
  const made = await makeRecipe(out, path.join(home, name), { open });
  return { ...made, files: await filesOf(path.join(home, name)) };
}

test("a recipe of phantoms has the allowed columns alone, and no byte of a slice or a report", async () => {
  const { recipe, files } = await recipeIn("recipe");
  await assertNothingOf(rows.values(), files);
  assert.deepEqual(Recipe.parse(JSON.parse(files.get("recipe.json")!.toString())), recipe);
  assert.deepEqual(
    [...files.keys()].filter((name) => name !== "README.md" && name !== "recipe.json").sort(),
    Object.keys(recipe.files).sort(),
  );
  const shared = parsePlan(JSON.parse(files.get("plan.json")!.toString()));
  assert.equal(shared.source.id, "a-local-copy");
  for (const [name, bytes] of files)
    assert.ok(!bytes.includes(home), `${name}: where the copy lay is nobody's business`);
  assert.deepEqual(
    shared.rows.map(({ id }) => id),
    plan.rows.map(({ id }) => id),
  );
  const bytes = files.get("rows.parquet")!;
  const light = await parquetReadObjects({ file: new Uint8Array(bytes).buffer as ArrayBuffer });
  assert.equal(light.length, rows.size);
  const empty = Object.fromEntries(recipeColumns.map((name) => [name, null]));
  for (const row of light) {
    // The reader gives undefined for a list that is null.
    const cells = Object.entries(row).filter(([, cell]) => cell !== undefined);
    RecipeRow.parse({ ...empty, ...Object.fromEntries(cells) });
  }
  const lines = files.get("receipts.jsonl")!.toString().trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).sha256),
    receipts.map(({ sha256 }) => sha256),
  );
});

test("of an audit the groups are passed on, and nothing that it quotes; the same conversion gives the same recipe", async () => {
  const ids = [...rows.keys()].slice(0, 2).sort();
  const detail = rows.get(ids[0]!)!.report;
  const finding = { severity: "high", value: 1, threshold: 1, splits: ["test"], detail };
  await writeAudit([
    { kind: "same-report", ids, ...finding },
    { kind: "no-report", ids: [ids[0]], ...finding },
  ]);
  const { files } = await recipeIn("audited");
  await assertNothingOf(rows.values(), files);
  const cluster = { ids, kinds: ["same-report"], splits: ["test"] };
  assert.equal(files.get("clusters.jsonl")!.toString(), `${JSON.stringify(cluster)}\n`);
  assert.deepEqual((await recipeIn("again")).files, files);

  await takeDown(out, [ids[0]!]);
  const less = await recipeIn("again");
  assert.ok(!less.plan.rows.some(({ id }) => id === ids[0]), "what was taken down is not passed on");
  assert.equal(less.files.get("clusters.jsonl"), undefined);
});

async function writeAudit(findings: readonly object[]): Promise<void> {
  await mkdir(path.join(out, "audit"), { recursive: true });
  await writeFile(
    path.join(out, "audit", "findings.jsonl"),
    findings.map((one) => `${JSON.stringify(one)}\n`).join(""),
  );
}

test("a folder with other files is not written into", async () => {
  await assert.rejects(makeRecipe(path.join(home, "out"), source, { open }), (error) => isFault(error, "cannot-write"));
});

test(
  "of real CT no byte is in its recipe, which needs no request while the cache has the directories",
  withoutSharedData,
  async () => {
    const hub = await startHub({ dir: path.join(sharedData, "m3d-mini"), repo: "mini/M3D-Cap" });
    try {
      const real = path.join(home, "real");
      const selection = { splits: ["test" as const] };
      const from = { output, selection, open: { endpoint: hub.endpoint } };
      const { rows: series } = await conversion("mini/M3D-Cap", real, from);
      const { recipe } = await makeRecipe(real, path.join(home, "real-recipe"), { open: refuse });
      assert.deepEqual([recipe.rows, recipe.archives.length], [8, 3]);
      const files = await filesOf(path.join(home, "real-recipe"));
      await assertNothingOf(series.values(), files);
    } finally {
      await hub.close();
    }
  },
);
