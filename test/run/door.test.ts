import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import type { Plan, Reject } from "../../src/model/plan.ts";
import { Attack, refused, series, slice } from "../properties/hostile/attack.ts";

const attack = await Attack.prepare();
after(() => attack.remove());

const LIGHT = ["--volume", "none", "--no-preview", "--workers", "1", "--json", "--quiet"];
let outs = 0;
async function converted(repository: string, ...flags: readonly string[]) {
  const out = path.join(attack.folder, `out-${outs++}`);
  const ended = await attack.run(["convert", repository, "--out", out, ...LIGHT, ...flags]);
  const text = (file: string) => readFile(path.join(out, file), "utf8").catch(() => "");
  const lines = (await text("rejects.jsonl")).split("\n").filter((line) => line !== "");
  const rejects = lines.map((line) => JSON.parse(line) as Reject).map(({ id, reason }) => `${id}: ${reason}`);
  const plan = JSON.parse((await text(".voxshard/plan.json")) || "null") as Plan | null;
  return { ...ended, out, rejects: rejects.sort(), plan, ids: plan?.rows.map(({ id }) => id).sort() };
}
const report = (caseId: string, text = "report") => ({ name: `${caseId}/text.txt`, data: Buffer.from(text) });
const bad = (at: string) => [{ name: `${at}/a.png`, data: slice }];

test("a source without any series is refused: what was seen, and what is read", async () => {
  const repo = await attack.repository("photos", { "holiday/1.jpeg": "x", "notes.xyz": "y", "README.md": "z" });
  const out = path.join(attack.folder, "before");
  const good = await attack.repository("good", { "ct_case_00.zip": series("000001/a") });
  await attack.run(["convert", good, "--unlisted", "--out", out, ...LIGHT]);
  const plan = await readFile(path.join(out, ".voxshard/plan.json"));
  for (const command of [
    ["plan", repo, "--unlisted"],
    ["index", repo],
    ["convert", repo, "--unlisted", "--out", out],
  ])
    refused(
      await attack.run([...command, "--quiet"]),
      66,
      /no series found in 1 card, 2 unread; .*notes\.xyz.*ct_case/,
    );
  assert.ok(plan.equals(await readFile(path.join(out, ".voxshard/plan.json"))));
});

test("values of a selection that name nothing are said one by one", async () => {
  const repo = await attack.repository("few", { "ct_case_00.zip": series("000001/Axial_bone") });
  const list = path.join(attack.folder, "exclude.txt");
  await writeFile(list, "ct_case/000001/Axial_bone\nct_case/000009/gone\n");
  const values = ["--case", "000007", "--plane", "sagittal", "--exclude", list];
  refused(
    await attack.run(["plan", repo, "--unlisted", "--quiet", ...values]),
    64,
    /--case 000007; --plane sagittal; --exclude ct_case\/000009\/gone: named nothing/,
  );
  await writeFile(list, "ct_case/000001/Axial_bone\n");
  refused(
    await attack.run(["plan", repo, "--unlisted", "--quiet", "--exclude", list]),
    64,
    /none meets all conditions/,
  );
});

test("a list in UTF-16 is read as what it says; one that is no text is an error", async () => {
  const repo = await attack.repository("utf16", { "ct_case_00.zip": [...series("000001/a"), ...series("000002/b")] });
  const list = path.join(attack.folder, "utf16.txt");
  await writeFile(list, Buffer.from("\ufeffct_case/000001/a\r\n", "utf16le"));
  assert.deepEqual((await converted(repo, "--unlisted", "--exclude", list)).ids, ["ct_case/000002/b"]);
  await writeFile(list, Uint8Array.of(0x61, 0xff, 0x00));
  refused(await attack.run(["plan", repo, "--quiet", "--exclude", list]), 64, /--exclude .*not UTF-8 text/);
});

test("more rejects than are allowed are no success; everything is written as ever", async () => {
  const all = [...Array(8)].flatMap((_, at) => series(`00000${at}/a`));
  const repo = await attack.repository("rejects", { "ct_case_00.zip": [...all, ...bad("000009/a")] });
  const found = await converted(repo, "--unlisted");
  assert.equal(found.code, 65);
  assert.match(found.stderr, /1 of 9 series were rejected, more than --max-rejects 10% allows/);
  assert.deepEqual([found.ids!.length, found.rejects], [8, ["ct_case/000009/a: bad-slice-name"]]);
  for (const allowed of ["1", "12%", "100%"])
    assert.equal((await converted(repo, "--unlisted", "--max-rejects", allowed)).code, 0);
  assert.equal((await converted(repo, "--unlisted", "--max-rejects", "0")).code, 65);
  refused(await attack.run(["convert", repo, "--out", "x", "--max-rejects", "few"]), 64, /--max-rejects few: give/);
});

test("an archive that cannot be read is a reject of its own, whatever else is asked for", async () => {
  const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
  const files = { "ct_case_00.zip": series("000001/a"), "ct_case_01.zip": pointer, "ct_case_02.7z": "7z" };
  const repo = await attack.repository("unreadable", files);
  const found = await converted(repo, "--unlisted");
  assert.equal(found.code, 65);
  assert.match(found.stderr, /2 archives cannot be read: .*git lfs pull.* 7z/);
  assert.deepEqual(found.rejects, ["ct_case_01.zip: unreadable-archive", "ct_case_02.7z: unreadable-archive"]);
  assert.equal((await converted(repo, "--unlisted", "--ignore-unread")).code, 0);
});

test("what is in no place is counted and named in the plan; junk is not complained of", async () => {
  const files = {
    "ct_case_00.zip": [...series("000001/a"), { name: "odd/x.bin", data: slice }],
    "ct_case_01.zip": [...series("000002/a"), { name: "1.png", data: slice }],
  };
  const repo = await attack.repository("unread", {
    ...files,
    "slides.pdf": "x",
    ".DS_Store": "x",
    ".gitattributes": "x",
  });
  const { plan, stdout } = await converted(repo, "--unlisted");
  assert.deepEqual(plan!.unread.map(({ path: where, reason, count }) => [where, reason, count]).sort(), [
    ["ct_case_00.zip", "unplaced-members", 1],
    ["ct_case_01.zip", "unplaced-members", 1],
    ["slides.pdf", "unknown-kind", 1],
  ]);
  const above = plan!.unread.find(({ path: where }) => where === "ct_case_01.zip");
  assert.match(above!.detail, /case: \.$/);
  assert.deepEqual(JSON.parse(stdout).unread, plan!.unread);
  assert.equal(JSON.parse(stdout).files.junk, 2);
});

test("a series without a collection is a row of its own, with --unlisted alone", async () => {
  const files = { "ct_case_00.zip": series("000001/a"), "data_examples/000001/a/0.png": slice };
  const repo = await attack.repository("examples", files);
  const { plan } = await converted(repo, "--unlisted");
  assert.deepEqual(
    plan!.rows.map(({ id, collection, image }) => [id, collection, image]),
    [
      ["ct_case/000001/a", "ct_case", "M3D_Cap_npy/ct_case/000001/a.npy"],
      ["data_examples/000001/a", null, null],
    ],
  );
});

test("copies with the same bytes are one series; with other bytes none of them is", async () => {
  const mirror = { "a/ct_case/000001/s/0.png": slice, "b/ct_case/000001/s/0.png": slice };
  const same = await converted(await attack.repository("mirror", mirror), "--unlisted");
  assert.deepEqual([same.ids, same.rejects, same.plan!.unread[0]!.reason], [["ct_case/000001/s"], [], "copy"]);
  const other = Buffer.from(slice);
  other[other.length - 20]! ^= 1;
  const two = await attack.repository("two", { ...mirror, "b/ct_case/000001/s/0.png": other });
  const differing = await converted(two, "--unlisted", "--max-rejects", "100%");
  assert.deepEqual(differing.rejects, ["ct_case/000001/s: name-collision", "ct_case/000001/s: name-collision"]);
});

test("reports that lie elsewhere are found; two that differ are nobody's", async () => {
  const slices = { "ct_case_00.zip": [...series("000001/a"), ...series("000002/b")] };
  const texts = { "ct_case_texts.zip": [report("000001"), report("000002")] };
  const found = await converted(await attack.repository("texts", { ...slices, ...texts }), "--unlisted");
  assert.deepEqual([found.code, found.rejects], [0, []]);
  assert.ok(found.plan!.rows.every(({ reportFrom }) => reportFrom?.path.endsWith("/text.txt")));
  const more = { ...slices, ...texts, "ct_case_other.zip": [report("000001", "another")] };
  const differing = await converted(await attack.repository("reports", more), "--unlisted", "--max-rejects", "100%");
  assert.deepEqual(differing.rejects, ["ct_case/000001/a: name-collision"]);
});

test("a folder whose path looks like a data set's name is a folder", async () => {
  await attack.repository("data/M3D-Cap", { "ct_case_00.zip": series("000001/a") });
  const was = process.cwd();
  process.chdir(attack.folder);
  try {
    const { plan, out } = await converted("data/M3D-Cap", "--unlisted");
    assert.deepEqual([plan!.source.kind, plan!.source.id], ["local", "data/M3D-Cap"]);
    const ended = await attack.run(["run", "--plan", path.join(out, ".voxshard/plan.json"), "--shard", "0", "--json"]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.doesNotMatch(await readFile(path.join(out, "README.md"), "utf8"), /data\/M3D-Cap/);
  } finally {
    process.chdir(was);
  }
});

test("shards are not written through a symbolic link", async () => {
  const repo = await attack.repository("linked", { "ct_case_00.zip": series("000001/a") });
  const out = path.join(attack.folder, "linked-out");
  await mkdir(path.join(attack.folder, "elsewhere"));
  await mkdir(out);
  await symlink(path.join(attack.folder, "elsewhere"), path.join(out, "data"));
  const ended = await attack.run(["convert", repo, "--unlisted", "--out", out, "--quiet"]);
  refused(ended, 73, /data: is a symbolic link; choose another --out/);
});
