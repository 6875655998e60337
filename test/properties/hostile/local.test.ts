import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { after, test } from "node:test";
import { isFault } from "../../../src/errors.ts";
import { convert } from "../../../src/run/convert.ts";
import { planConversion } from "../../../src/run/plan-conversion.ts";
import { inline } from "../../../src/series/inline.ts";
import { openSource } from "../../../src/source/open-source.ts";
import { Attack, refused, series, slice } from "./attack.ts";

const attack = await Attack.prepare();
after(() => attack.remove());
process.env["VOXSHARD_CACHE"] = path.join(attack.folder, "cache");
/** Rights are no hindrance to root: the command is then run as nobody. */
const uid = process.geteuid?.() === 0 ? 65_534 : undefined;

test("links, pipes and sockets in a tree are not followed, waited for or read", async (t) => {
  const repo = await attack.repository("tree", {
    "ct_case/000001/good/0.png": slice,
    "ct_case/000001/text.txt": "fine",
  });
  await writeFile(path.join(attack.folder, "secret.png"), slice);
  const tree = path.join(repo, "ct_case/000002/odd");
  await mkdir(tree, { recursive: true });
  await symlink(path.join(attack.folder, "secret.png"), path.join(tree, "1.png"));
  await symlink("/", path.join(repo, "ct_case/000003"));
  await symlink(repo, path.join(repo, "ct_case/loop"));
  execFileSync("mkfifo", [path.join(tree, "2.png"), path.join(repo, "M3D_Cap.json")]);
  const server = createServer().listen(path.join(tree, "3.png"));
  t.after(() => server.close());
  const { rows, rejects } = await attack.convert(repo, "--unlisted");
  assert.deepEqual([rows, rejects], [1, []]);
});

test("a folder of links alone says that links are not followed", async () => {
  const repo = await attack.repository("linked", { "README.md": "" });
  await symlink("/etc/passwd", path.join(repo, "ct_case_00.zip"));
  refused(await attack.run(["plan", repo, "--quiet"]), 66, /1 symbolic links, which are followed only in a snapshot/);
});

test("a snapshot in the Hub client's cache is read through its links, but none that leads out of its blobs", async () => {
  const cached = await attack.repository("datasets--me--scans", { "blobs/0a": series("000001/good"), other: slice });
  const repo = path.join(cached, "snapshots/0123456789012345678901234567890123456789");
  const tree = path.join(repo, "ct_case/000002/odd");
  await mkdir(tree, { recursive: true });
  await symlink("../../blobs/0a", path.join(repo, "ct_case_00.zip"));
  await symlink("../../../../../other", path.join(tree, "1.png"));
  await symlink("../../../../../blobs", path.join(tree, "more"));
  await symlink("../../../../../blobs/0b", path.join(tree, "2.png"));
  const { rows, rejects } = await attack.convert(repo, "--unlisted");
  assert.deepEqual([rows, rejects], [1, []]);
  await symlink("/etc/hostname", path.join(cached, "blobs/0b"));
  const again = await attack.convert(repo, "--unlisted");
  assert.deepEqual([again.rows, again.rejects], [1, []]);
  await rename(path.join(cached, "blobs"), path.join(cached, "elsewhere"));
  await symlink("elsewhere", path.join(cached, "blobs"));
  refused(await attack.run(["plan", repo, "--quiet"]), 66, /4 symbolic links, which are followed only in a snapshot/);
});

test("what may not be read is named, and is no fault of the program", async () => {
  const repo = await attack.repository("rights", { "ct_case_00.zip": series("000001/good"), "sub/a.txt": "" });
  await chmod(attack.folder, 0o755);
  const env = { VOXSHARD_CACHE: "/nonexistent" };
  await chmod(path.join(repo, "ct_case_00.zip"), 0);
  const peakless = await attack.run(["plan", repo, "--quiet", "--unlisted"], env, uid);
  assert.deepEqual(
    [peakless.code, /ct_case_00\.zip: may not be read \(EACCES\)/.test(peakless.stderr)],
    [77, true],
    peakless.stderr,
  );
  await chmod(path.join(repo, "ct_case_00.zip"), 0o644);
  await chmod(path.join(repo, "sub"), 0);
  const folder = await attack.run(["plan", repo, "--quiet", "--unlisted"], env, uid);
  assert.deepEqual([folder.code, /sub: may not be read \(EACCES\)/.test(folder.stderr)], [77, true], folder.stderr);
  await chmod(path.join(repo, "sub"), 0o755);
});

test("names that are no UTF-8 are left out, and the others read", async () => {
  const repo = await attack.repository("latin", { "ct_case_00.zip": series("000001/good") });
  await mkdir(Buffer.concat([Buffer.from(`${repo}/P`), Buffer.from([0x94]), Buffer.from("schl")]));
  await writeFile(Buffer.concat([Buffer.from(`${repo}/`), Buffer.from([0xff]), Buffer.from(".png")]), slice);
  assert.equal((await attack.convert(repo, "--unlisted")).rows, 1);
});

test("a loose file of more than a member's size is a reject, and is not read", async () => {
  const repo = await attack.repository("loose", { "ct_case/000001/a/0.png": slice, "ct_case/000002/b/0.png": "" });
  await truncate(path.join(repo, "ct_case/000002/b/0.png"), 2 ** 33);
  const { rows, rejects, peakMb } = await attack.convert(repo, "--unlisted");
  assert.deepEqual([rows, rejects.map(({ id }) => id)], [1, ["ct_case/000002/b"]]);
  assert.match(rejects[0]!.detail, /larger than 67108864 bytes/);
  assert.ok(peakMb < 400);
});

test("an archive that shrinks after it was indexed stops the run: the source has changed", async () => {
  const repo = await attack.repository("shrinks", { "ct_case_00.zip": series("000001/good") });
  const source = await openSource(repo);
  const { plan } = await planConversion(source, { selection: { unlisted: true } });
  await truncate(path.join(repo, "ct_case_00.zip"), 40);
  const options = { folder: path.join(attack.folder, "shrunk"), executor: inline(), connections: 1 };
  await assert.rejects(convert(plan, source, options), (error) => isFault(error, "source-changed"));
  await source.close();
});

/** Plans that are none, or that want to write elsewhere. */
const shard = { path: "../../escape.parquet", split: null, first: 0, end: 0 };
const plans: Readonly<Record<string, readonly [() => string, RegExp]>> = {
  "no JSON": [() => "{", /not a plan/],
  null: [() => "null", /not a plan/],
  "millions of wrong rows": [() => `{"rows":[${"0,".repeat(3_000_000)}0]}`, /not a plan/],
  "a shard outside the folder": [() => JSON.stringify({ version: 1, shards: [shard] }), /not a plan/],
};
for (const [name, [text, words]] of Object.entries(plans))
  test(`a plan that is ${name} is refused`, async () => {
    const folder = await attack.repository(`plan ${name}`, { ".voxshard/plan.json": text() });
    refused(await attack.run(["missing", folder]), 65, words);
    refused(await attack.run(["run", "--plan", path.join(folder, ".voxshard/plan.json"), "--shard", "0"]), 65, words);
  });

test("a plan that is a pipe or has a terabyte is refused unread; a receipt that leads elsewhere is none", async () => {
  const folder = await attack.repository("states", { ".voxshard/plan.json": "" });
  await truncate(path.join(folder, ".voxshard/plan.json"), 2 ** 40);
  refused(await attack.run(["missing", folder]), 65, /more than 500000000/);
  const piped = await attack.repository("piped", { ".voxshard/x": "" });
  execFileSync("mkfifo", [path.join(piped, ".voxshard/plan.json")]);
  refused(await attack.run(["missing", piped]), 65, /no plain file/);
  const repo = await attack.repository("source", { "ct_case_00.zip": series("000001/good") });
  const { out } = await attack.convert(repo, "--unlisted");
  const receipt = path.join(out, ".voxshard/receipts/00000.json");
  await writeFile(receipt, JSON.stringify({ version: 1, shard: 0, path: "../../../etc/passwd" }));
  assert.equal((await attack.run(["missing", out])).stdout, "0\n");
});
