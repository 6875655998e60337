import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { voxshard } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { phantomRepo } from "./phantom-output.ts";
import { startWritableHub, type WritableHub } from "./writable-hub.ts";

const root = temporaryFolder("audited");
const out = path.join(root, "out");
let repo: string;
let hub: WritableHub;
before(async () => {
  repo = await phantomRepo(root);
  hub = await startWritableHub();
});
after(() => hub.close());

const small = ["--size", "8,32,32", "--dtype", "uint8"];
async function run(...args: string[]) {
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer", VOXSHARD_CACHE: path.join(root, "cache") };
  const { code, stdout, stderr } = await voxshard([...args, "--json", "--quiet"], env);
  return { code, stderr, json: code === 0 ? JSON.parse(stdout) : undefined };
}
const published = (id: string) => hub.textOf([...hub.repo(id).commits.values()].at(-1)!, "README.md")!;
const local = () => readFile(path.join(out, "README.md"), "utf8");

test("convert --audit: leaks and faults stand on the card, as they were counted", async () => {
  const { code, json } = await run("convert", repo, "--out", out, "--audit", ...small);
  assert.equal(code, 0);
  const card = await local();
  const { grave, found } = json.audit;
  assert.ok(grave > 0 && found["case-in-splits"] > 0);
  assert.match(card, /## Audit\n\nvoxshard \S+ looked at all 24 series/);
  assert.match(card, /\*\*\d+ leaks\*\*.*resampled/);
  for (const [kind, count] of Object.entries(found)) assert.ok(card.includes(`| ${kind} | ${count} | `), kind);
});

test("publish puts them on the data set's card; without a series that was taken down they are of other shards", async () => {
  assert.equal((await run("publish", out, "me/audited")).code, 0);
  assert.match(published("me/audited"), /## Audit/);
  const list = path.join(root, "exclude.txt");
  const [first] = (await readFile(path.join(out, "audit", "findings.jsonl"), "utf8")).split("\n");
  const [id] = JSON.parse(first!).ids as string[];
  await writeFile(list, `# seen twice\n${id}\n`);
  const { json } = await run("publish", out, "me/audited", "--exclude", list);
  assert.deepEqual(json.takenDown, [id]);
  assert.doesNotMatch(published("me/audited"), /## Audit/);
  assert.equal((await run("audit", out)).code, 0);
  assert.match(await local(), /looked at all 23 series/);
  assert.equal((await run("publish", out, "me/audited")).json.commits, 1);
  assert.match(published("me/audited"), /looked at all 23 series/);
});

test("a sample tells the card nothing", async () => {
  const folder = path.join(root, "sampled");
  assert.equal((await run("convert", repo, "--out", folder, ...small)).code, 0);
  assert.equal((await run("audit", folder, "--sample", "1")).code, 0);
  assert.doesNotMatch(await readFile(path.join(folder, "README.md"), "utf8"), /## Audit/);
});

test("certified lists: their certificate stands on the published card, and no leak beside it", async () => {
  const [lists, folder] = [path.join(root, "clean.json"), path.join(root, "clean")];
  const { certificate } = (await run("audit", repo, "--out", path.join(root, "seen"), "--write-split", lists)).json;
  const args = ["--split-file", lists, "--out", folder, "--audit", "--publish", "me/clean", ...small];
  const { code, json, stderr } = await run("convert", repo, ...args);
  assert.equal(code, 0, stderr);
  assert.ok(json.audit.findings >= 0);
  const card = published("me/clean");
  assert.ok(card.includes(certificate.sha256) && card.includes("The split is not the official one"));
  assert.match(card, /## Audit[\s\S]*No case, volume or report was found in more than one split/);
});

test("shards that are freed cannot be audited: a usage error", async () => {
  const args = ["--audit", "--publish", "me/none", "--max-disk", "1GB"];
  const { code, stderr } = await run("convert", repo, ...args);
  assert.deepEqual([code, /--audit and --max-disk/.test(stderr)], [64, true], stderr);
});
