import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { json, type Reply, text } from "../../devkit/hub/reply.ts";
import { type MiniatureModelScope, startModelScope } from "../../devkit/modelscope/modelscope.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { readAll } from "../../src/bytes/byte-source.ts";
import { isFault } from "../../src/errors.ts";
import { planOf } from "../../src/output/output-folder.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { openSource } from "../../src/source/open-source.ts";
import { voxshard } from "../command.ts";
import { filesOf } from "../recipe/files-of.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const TOKEN = "ms-0123456789-secret";
const ARCHIVE = "M3D_Cap/ct_case/ct_case_00.zip";
const home = temporaryFolder("modelscope");
let repo: string;
const started: MiniatureModelScope[] = [];
let plain: MiniatureModelScope;

before(async () => {
  repo = path.join(home, "repo");
  await writePhantomRepo(repo, { casesPerArchive: 2, slices: 8, height: 40, width: 48 });
  plain = await start({});
});
after(async () => {
  for (const one of started) await one.close();
});

async function start(options: Omit<Parameters<typeof startModelScope>[0], "repos">): Promise<MiniatureModelScope> {
  const server = await startModelScope({ repos: { "you/M3D-Cap": repo }, ...options });
  started.push(server);
  return server;
}

const OUTPUT = ["--size", "4,16,16", "--dtype", "uint8", "--workers", "1", "--json", "--quiet"];
const run = (server: MiniatureModelScope, args: readonly string[], env: Record<string, string> = {}) =>
  voxshard(args, { MODELSCOPE_ENDPOINT: server.endpoint, VOXSHARD_CACHE: path.join(home, "cache"), ...env });
const convert = (server: MiniatureModelScope, source: string, out: string, env = {}) =>
  run(server, ["convert", source, "--out", path.join(home, out), ...OUTPUT], env);

/** Every row of a conversion but for what names its source. */
async function rowsOf(out: string) {
  const folder = path.join(home, out);
  const { shards, output } = await planOf(folder);
  const rows = [];
  for (const shard of shards)
    for await (const row of (
      await shardFormat(output.format, output.engine).open(path.join(folder, shard.path))
    ).rows())
      rows.push({ ...row, source_revision: "" });
  return rows;
}

test("a data set on ModelScope gives the rows that a folder gives, by ranges of the store; its plan and card say whence", async () => {
  assert.equal((await convert(plain, repo, "local")).code, 0);
  const { code, stdout, stderr } = await convert(plain, "modelscope:you/M3D-Cap", "mirrored");
  assert.equal(code, 0, stderr);
  assert.deepEqual(await rowsOf("mirrored"), await rowsOf("local"));
  const { fetch, fetched, source } = JSON.parse(stdout);
  assert.equal(source, "modelscope:you/M3D-Cap");
  const ranges = plain.log.filter(({ host }) => host === "store");
  assert.ok(ranges.every(({ headers }) => headers.range?.startsWith("bytes=")));
  // A range for each case, and two for each archive's directory.
  assert.ok(ranges.length <= fetch.ranges + 2 * fetch.archives, `${ranges.length} of ${fetched.requests} requests`);
  const card = await readFile(path.join(home, "mirrored", "README.md"), "utf8");
  assert.match(card, /from `modelscope:you\/M3D-Cap` \(content fingerprint `[0-9a-f]{40}`\)/);
  assert.match(card, /voxshard convert modelscope:you\/M3D-Cap /);
  const shard = ["run", "--plan", path.join(home, "mirrored", ".voxshard", "plan.json"), "--shard", "0"];
  await rm(path.join(home, "mirrored", ".voxshard", "receipts", "00000.json"));
  assert.equal((await run(plain, shard)).code, 0);
});

test("one folder of it, and pages of a listing: each file once", async () => {
  const { stdout, code, stderr } = await run(plain, [
    "plan",
    "modelscope:you/M3D-Cap/M3D_Cap/ct_quizze",
    "--unlisted",
    "--json",
  ]);
  assert.equal(code, 0, stderr);
  assert.deepEqual([JSON.parse(stdout).fetch.archives], [1]);
  const many = path.join(home, "many");
  await mkdir(many);
  for (let n = 0; n < 450; n++) await writeFile(path.join(many, `${n}.txt`), "x");
  await cp(path.join(repo, "M3D_Cap"), path.join(many, "M3D_Cap"), { recursive: true });
  const server = await startModelScope({ repos: { "you/many": many } });
  started.push(server);
  assert.equal((await run(server, ["plan", "modelscope:you/many", "--json"])).code, 0);
  assert.equal(server.log.filter(({ url }) => url.includes("repo/tree")).length, 3);
});

test("its refusals are waited out, and links of its store that expired are asked for again", async () => {
  const server = await start({});
  server.refuse(503, 2);
  const open = () => openSource("modelscope:you/M3D-Cap", { retry: { firstWaitMs: 1, maxWaitMs: 5 } });
  process.env["MODELSCOPE_ENDPOINT"] = server.endpoint;
  const source = await open();
  const archive = source.archives.find((one) => one.path === ARCHIVE)!;
  const whole = await readFile(path.join(repo, ARCHIVE));
  for (const start of [0, 1000, 2000]) {
    assert.deepEqual(
      Buffer.from(await readAll(archive.bytes, { start, end: start + 500 })),
      whole.subarray(start, start + 500),
    );
    server.expire();
  }
  await source.close();
});

test("the token goes to the endpoint alone, and is asked for where it lacks", async () => {
  const server = await start({ token: TOKEN });
  const without = await convert(server, "modelscope:you/M3D-Cap", "denied");
  assert.equal(without.code, 77, without.stderr);
  assert.match(without.stderr, /set MODELSCOPE_API_TOKEN/);
  const { code, stdout, stderr } = await convert(server, "modelscope:you/M3D-Cap", "granted", {
    MODELSCOPE_API_TOKEN: TOKEN,
  });
  assert.equal(code, 0, stderr);
  const elsewhere = server.log.filter(({ host }) => host === "store");
  assert.ok(elsewhere.length > 0 && !JSON.stringify(elsewhere).includes(TOKEN));
  assert.ok(!`${stdout}${stderr}`.includes(TOKEN));
  assert.equal((await convert(server, "modelscope:nobody/nothing", "none", { MODELSCOPE_API_TOKEN: TOKEN })).code, 66);
  assert.equal((await convert(server, "modelscope:nothing", "none")).code, 64);
});

test("a mirror that lies in one member is caught by the member's name; a recipe takes that from another place", async () => {
  const bytes = await readFile(path.join(repo, ARCHIVE));
  const members = allMembers(await zip.directory(memorySource(ARCHIVE, bytes)));
  const { path: name, end } = members.find((member) => /\/3\.jpeg$/.test(member.path))!;
  const spoiled = (content: Buffer) => {
    const other = Buffer.from(content);
    other[end - 20]! ^= 0xff;
    return other;
  };
  const liar = await start({ lies: { [ARCHIVE]: spoiled } });
  const lied = await convert(liar, "modelscope:you/M3D-Cap", "lied");
  const rejects = await readFile(path.join(home, "lied", "rejects.jsonl"), "utf8");
  assert.equal(JSON.parse(lied.stdout).rejected["crc-mismatch"], 1);
  assert.ok(rejects.includes(name), rejects);

  assert.equal((await run(liar, ["recipe", path.join(home, "local"), "--out", path.join(home, "recipe")])).code, 0);
  const from = (...places: string[]) => places.flatMap((place) => ["--from", place]);
  const rebuild = (out: string, ...places: string[]) =>
    run(liar, ["rebuild", path.join(home, "recipe"), ...from(...places), "--out", path.join(home, out), "--json"]);
  const alone = await rebuild("alone", "modelscope:you/M3D-Cap");
  assert.equal(alone.code, 65, alone.stderr);
  assert.ok(
    JSON.parse(alone.stdout).unlike.some((line: string) => line.includes(name)),
    alone.stdout,
  );
  const helped = await rebuild("helped", "modelscope:you/M3D-Cap", repo);
  assert.equal(helped.code, 0, helped.stderr);
  assert.match(helped.stderr, new RegExp(`modelscope:you/M3D-Cap: ${name}.*taken from`));
  assert.deepEqual(await filesOf(path.join(home, "helped", "data")), await filesOf(path.join(home, "local", "data")));
});

test("an index made of another copy is what it is checked and planned by", async () => {
  const index = path.join(home, "index");
  assert.equal((await run(plain, ["index", repo, "--out", index])).code, 0);
  const checked = await run(plain, ["check", "modelscope:you/M3D-Cap", "--index", index, "--json"]);
  assert.equal(checked.code, 0, checked.stderr);
  const own = JSON.parse((await run(plain, ["plan", "modelscope:you/M3D-Cap", "--json"])).stdout);
  const by = JSON.parse((await run(plain, ["plan", "modelscope:you/M3D-Cap", "--index", index, "--json"])).stdout);
  assert.deepEqual(by, own);
});

const blobs = (paths: readonly string[]) => paths.map((one) => ({ Path: one, Type: "blob", Size: 1, Sha256: "" }));
const listing = (files: unknown) => json({ Code: 200, Data: { Files: files }, Success: true });
const many = Array.from({ length: 200 }, (_, at) => `${at}.txt`);
const answers: Readonly<Record<string, readonly [Reply, RegExp]>> = {
  "a page of HTML": [text("<html>", "text/html"), /the answer is no JSON; is \S+ ModelScope\?/],
  "no listing": [json({ Code: 200, Data: "none" }), /the answer is no listing of files/],
  "a path that leads out": [listing(blobs(["../../etc/passwd"])), /the answer is no listing of files/],
  "a size that is none": [listing([{ Path: "a.zip", Type: "blob", Size: -1 }]), /the answer is no listing of files/],
  "the same page again and again": [listing(blobs(many)), /goes round in a circle/],
  "no files": [listing([]), /has no files at master/],
  "a redirect to nowhere": [text("", "text/plain", 302, { location: "http://127.0.0.1:1/" }), /the answer is no JSON/],
};
for (const [name, [reply, says]] of Object.entries(answers))
  test(`${name} in a listing's place is one error that says so`, async () => {
    const server = await start({ instead: () => reply });
    process.env["MODELSCOPE_ENDPOINT"] = server.endpoint;
    const retry = { attempts: 2, firstWaitMs: 1, maxWaitMs: 5 };
    await assert.rejects(
      openSource("modelscope:you/M3D-Cap", { retry }),
      (error) => isFault(error) && says.test(error.message),
    );
  });
