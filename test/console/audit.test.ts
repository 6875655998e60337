import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { Runs } from "../runs.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder("audit");
const repo = path.join(folder, "repo");
await writePhantomRepo(repo, { casesPerArchive: 3, slices: 12, height: 48, width: 40 });
const [out, clean, lists] = [path.join(folder, "out"), path.join(folder, "clean"), path.join(folder, "clean.json")];
const runs = new Runs();
async function run(...args: string[]) {
  const env = { VOXSHARD_CACHE: path.join(folder, "cache") };
  const { code: status, stdout, stderr } = await runs.run({ args, env, cwd: folder });
  return { status, stderr, json: stdout.startsWith("{") ? JSON.parse(stdout) : undefined };
}
const QUIET = ["--json", "--quiet"];
assert.equal((await run("convert", repo, "--out", out, "--size", "8,32,32", ...QUIET)).status, 0);

test("shards and their source are audited alike; the source's own slices tell more", async () => {
  const shards = await run("audit", out, ...QUIET);
  const source = await run("audit", repo, "--out", path.join(folder, "of-source"), ...QUIET);
  assert.deepEqual([shards.status, source.status], [0, 0]);
  assert.equal(shards.json.series, source.json.series);
  assert.ok(shards.json.found["case-in-splits"] > 0);
  assert.equal(shards.json.found["case-in-splits"], source.json.found["case-in-splits"]);
  assert.equal(shards.json.out, path.join(out, "audit"));
  for (const name of ["findings.jsonl", "findings.parquet", "report.html"])
    assert.ok(existsSync(path.join(out, "audit", name)) && existsSync(path.join(folder, "of-source", name)));
  assert.equal((await run("verify", out, ...QUIET)).status, 0);
});

test("--fail-on: 65 when one of the kinds is found, 0 when none is, 64 for a kind that is none", async () => {
  const failed = await run("audit", out, "--fail-on", "no-report,leaks", ...QUIET);
  assert.deepEqual([failed.status, failed.json.failed > 0], [65, true]);
  assert.equal((await run("audit", out, "--fail-on", "narrow-range", ...QUIET)).status, 0);
  const wrong = await run("audit", out, "--fail-on", "leak");
  assert.equal(wrong.status, 64);
  assert.match(wrong.stderr, /--fail-on leak: no such kind; leaks, series/);
});

test("--sample: so many of each split, the same for the same seed", async () => {
  const ofTwo = await run("audit", out, "--sample", "2", "--seed", "1", ...QUIET);
  const again = await run("audit", out, "--sample", "2", "--seed", "1", ...QUIET);
  assert.deepEqual(ofTwo.json, again.json);
  assert.ok(ofTwo.json.series >= 2 && ofTwo.json.series <= 6);
});

test("--write-split: convert takes the lists, the card has their certificate, and no leak is left", async () => {
  const { certificate } = (await run("audit", out, "--write-split", lists, "--seed", "5", ...QUIET)).json;
  assert.ok(certificate.parted > 0 && certificate.seed === 5);
  assert.equal(
    (await run("convert", repo, "--split-file", lists, "--out", clean, "--size", "8,32,32", ...QUIET)).status,
    0,
  );
  assert.equal((await run("audit", clean, "--fail-on", "leaks", ...QUIET)).status, 0);
  assert.equal((await run("verify", clean, ...QUIET)).status, 0);
  // What is shared and what others make of it say of which split they are.
  const [recipe, rebuilt] = [path.join(folder, "recipe"), path.join(folder, "rebuilt")];
  assert.equal((await run("recipe", clean, "--out", recipe, ...QUIET)).status, 0);
  assert.equal((await run("rebuild", recipe, "--from", repo, "--out", rebuilt, ...QUIET)).status, 0);
  const told = [path.join(recipe, "plan.json"), path.join(recipe, "README.md"), path.join(rebuilt, "README.md")];
  for (const file of [path.join(clean, "README.md"), ...told])
    assert.ok(readFileSync(file, "utf8").includes(certificate.sha256), file);
  assert.deepEqual(JSON.parse(readFileSync(told[0]!, "utf8")).certificate, certificate);
});

const mistakes: readonly (readonly [string[], RegExp])[] = [
  [[], /nothing to audit/],
  [[out, "--keep", "test"], /--keep goes with --write-split/],
  [[out, "--seed", "1"], /--seed goes with/],
  [[out, "--write-split", "x.csv"], /ends in \.json/],
  [[out, "--write-split", "x.json", "--keep", "test100"], /--keep test100: test, validation, train can be kept/],
  [[out, "--write-split", "x.json", "--sample", "2"], /--write-split and --sample/],
];
for (const [args, what] of mistakes)
  test(`audit ${args.slice(1).join(" ")}: a usage error`, async () => {
    const { status, stderr } = await run("audit", ...args);
    assert.deepEqual([status, what.test(stderr)], [64, true], stderr);
  });

test("a folder that is neither a conversion nor a source is told as such", async () => {
  assert.equal((await run("audit", path.join(folder, "absent"))).status, 66);
});
