import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse } from "yaml";
import { parseCard } from "../../src/hub/card.ts";
import type { Plan } from "../../src/model/plan.ts";
import { allReceipts } from "../../src/output/receipts.ts";
import { splitNote } from "../../src/publish/card-text.ts";
import { commandLine } from "../../src/publish/command-line.ts";
import { whyNotPublic } from "../../src/publish/rights.ts";
import { viewerNote } from "../../src/publish/viewer-note.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { cardFor } from "../../src/run/publish.ts";
import { verify } from "../../src/run/verify.ts";
import { openSource } from "../../src/source/open-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted, phantomRepo } from "./phantom-output.ts";

interface Front {
  readonly license: string;
  readonly tags: string[];
  readonly size_categories: string[];
  readonly configs: { config_name: string; data_files: { split: string; path: string | string[] }[] }[];
  readonly dataset_info: {
    config_name: string;
    features: Record<string, unknown>[];
    splits: { name: string; num_bytes: number; num_examples: number }[];
    download_size: number;
  }[];
}
const root = temporaryFolder("card");
let out: string;
let repo: string;
let plan: Plan;
before(async () => {
  out = path.join(root, "out");
  repo = await phantomRepo(root);
  plan = await converted(out, repo, { output: { slices: true } });
});

const front = async (): Promise<Front> => {
  const text = await readFile(path.join(out, "README.md"), "utf8");
  return parse(text.split("---\n")[1]!) as Front;
};

test("every config names whole files, and its counts are what DuckDB counts in them", async () => {
  const card = await front();
  const db = await (await DuckDBInstance.create()).connect();
  const names = card.configs.map((config) => config.config_name);
  assert.deepEqual(names, ["default", "test100", "test500", "test1k", "index"]);
  for (const { config_name, data_files } of card.configs) {
    const info = card.dataset_info.find((one) => one.config_name === config_name)!;
    for (const { split, path: files } of data_files) {
      const list = [files].flat().map((file) => `'${path.join(out, file)}'`);
      const filter = /^test1/.test(config_name) || config_name === "test500" ? config_name : undefined;
      const counted = await db.runAndReadAll(
        `SELECT count(*)::INT, count(*) FILTER (list_contains(subsets, '${filter ?? ""}'))::INT FROM read_parquet([${list.join()}])`,
      );
      const [rows, inSubset] = counted.getRows()[0]!;
      assert.equal(info.splits.find(({ name }) => name === split)?.num_examples, rows, `${config_name}/${split}`);
      if (filter) assert.equal(inSubset, rows, `${config_name} holds its list and nothing else`);
    }
  }
  assert.equal(card.size_categories[0], "n<1K");
});

test("features are written as `datasets` writes them", async () => {
  const { features } = (await front()).dataset_info[0]!;
  const byName = Object.fromEntries(features.map(({ name, ...rest }) => [name, rest]));
  assert.deepEqual(byName["id"], { dtype: "string" });
  assert.deepEqual(byName["subsets"], { list: "string" });
  assert.deepEqual(byName["volume"], { struct: [{ name: "bytes", dtype: "binary" }] });
  assert.deepEqual(byName["volume_shape"], { list: "int32" });
  assert.deepEqual(byName["slices"], { list: "image" });
  assert.deepEqual(byName["preview"], { dtype: "image" });
  assert.deepEqual((byName["report_sections"] as { struct: unknown[] }).struct[0], { name: "title", dtype: "string" });
});

test("the text has the command, the warning and the notices; a local path stays at home", async () => {
  const text = await readFile(path.join(out, "README.md"), "utf8");
  assert.match(text, /voxshard convert \.\/a-local-copy --dtype uint8 --size 8,128,128 /);
  assert.match(text, /split is by series/);
  assert.match(text, /2404\.00578/);
  assert.match(text, /radiopaedia\.org\/licence/);
  assert.ok(!text.includes(root));
  const hub = { ...plan, source: { kind: "hub" as const, id: "owner/name", revision: "a".repeat(40) } };
  assert.match(commandLine(hub), new RegExp(`^voxshard convert owner/name@${"a".repeat(40)} `));
  assert.doesNotMatch(commandLine(plan), /--split-file/);
});

test("lists of one's own are in the command, and no official split is said to be there", async () => {
  const lists = path.join(root, "lists.csv");
  await writeFile(lists, `id,split\n${plan.rows[0]!.id},train\n`);
  const source = await openSource(repo);
  const { plan: own } = await planConversion(source, { splitFile: lists });
  await source.close();
  assert.match(commandLine(own), / --split-file lists\.json /);
  assert.match(splitNote(own), /not the official one.*SHA-256 `[0-9a-f]{64}`/);
});

test("one's own card keeps its text and its YAML; what loads the data is filled in", async () => {
  const own = "---\nlicense: cc-by-4.0\ntags: [mine]\nconfigs: []\n---\n# My words\n";
  const card = parseCard(await cardFor(out, plan, await allReceipts(out, plan), "me/mine", { card: own }));
  assert.equal(card.text, "# My words\n");
  assert.equal(card.front["license"], "cc-by-4.0");
  assert.deepEqual(card.front["tags"], ["mine", "voxshard"]);
  assert.deepEqual(card.front["configs"], (await front()).configs);
});

test("rows that the Hub's viewer finds too large are said, with what makes them smaller", () => {
  const shards = [{ rows: 2, byteLength: 1, dataBytes: 16_800_000 }];
  assert.equal(viewerNote([{ rows: 60, byteLength: 1, dataBytes: 60 * 2_200_000 }], plan.output), undefined);
  assert.match(viewerNote(shards, { ...plan.output, dtype: "float32" })!, /^rows of 8\.4 MB: .*--dtype uint8/);
  assert.doesNotMatch(viewerNote(shards, { ...plan.output, volume: "native" })!, /--dtype/);
});

test("a card that names no file, and one that is no YAML, do not hold", async () => {
  const file = path.join(out, "README.md");
  const good = await readFile(file, "utf8");
  await writeFile(file, good.replaceAll("data/test-*", "data/tests-*"));
  const wrong = await verify(out);
  assert.ok(wrong.problems.some(({ what }) => what.includes("data/tests-*") && what.includes("matches no file")));
  assert.equal(wrong.verified, undefined);
  await writeFile(file, good.replace("configs:", "configs: ]"));
  assert.match((await verify(out)).problems[0]!.what, /YAML cannot be read/);
  await writeFile(file, good);
  assert.deepEqual((await verify(out)).problems, []);
});

const rights: readonly [string, string, RegExp | undefined][] = [
  ["an open licence", "---\nlicense: cc-by-4.0\n---\nText", undefined],
  ["no card", "", /names no licence/],
  ["a licence without derivatives", "---\nlicense: cc-by-nc-nd-4.0\n---\n", /cc-by-nc-nd-4\.0/],
  ["a licence of one's own", "---\nlicense: other\n---\n", /other/],
  ["a gated source", "---\nlicense: mit\nextra_gated_prompt: agree\n---\n", /gated/],
  ["Radiopaedia's content", "---\nlicense: apache-2.0\n---\nfrom Radiopaedia", /Radiopaedia/],
];
for (const [name, readme, why] of rights) {
  test(`rights: ${name} ${why ? "does not allow" : "allows"} a public copy`, () => {
    const found = whyNotPublic(parseCard(readme));
    if (why) assert.match(found ?? "", why);
    else assert.equal(found, undefined);
  });
}
