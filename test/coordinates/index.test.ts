import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { madeUpRepo } from "../../devkit/phantoms/made-up-repo.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { repack } from "../../devkit/phantoms/repack.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { openIndexed } from "../../src/coordinates/open-index.ts";
import { writeIndex } from "../../src/coordinates/write-index.ts";
import { isFault } from "../../src/errors.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { type OpenOptions, openSource } from "../../src/source/open-source.ts";
import { filesOf } from "../properties/determined-files.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted } from "./converted.ts";

const REPO = "phantoms/M3D-Cap";
const INDEX = "phantoms/index";
const WHOLE = "made-up/M3D-Cap";
const WHOLE_INDEX = "made-up/index";
const folder = temporaryFolder("index");
let repo: string;
let hub: Hub;
const inFolder = (...names: string[]) => path.join(folder, ...names);

before(async () => {
  process.env["VOXSHARD_CACHE"] = inFolder("cache");
  repo = inFolder("repo");
  await writePhantomRepo(repo, { casesPerArchive: 2, slices: 4, height: 32, width: 32 });
  const whole = await madeUpRepo({ archives: 83, membersPerArchive: 80, casesPerArchive: 6, series: 83 * 14 });
  const served = await startHub({
    repos: [
      { id: WHOLE, content: whole },
      { id: REPO, dir: repo },
    ],
  });
  for (const [id, name] of [
    [REPO, "index"],
    [WHOLE, "whole-index"],
  ] as const) {
    const source = await openSource(id, { endpoint: served.endpoint });
    await writeIndex(source, inFolder(name));
    await source.close();
  }
  await served.close();
  hub = await startHub({
    repos: [
      { id: WHOLE, content: whole },
      { id: REPO, dir: repo },
      { id: INDEX, dir: inFolder("index") },
      { id: WHOLE_INDEX, dir: inFolder("whole-index") },
    ],
  });
});
after(() => hub.close());

/** Plans with an empty cache; gives the plan and what was asked for. */
async function coldPlan(text: string, index: string | undefined, options: OpenOptions = {}) {
  await rm(inFolder("cache"), { recursive: true, force: true });
  hub.resetLog();
  const opening = { endpoint: hub.endpoint, ...options };
  const source = await (index === undefined ? openSource(text, opening) : openIndexed(text, index, opening));
  try {
    return { plan: (await planConversion(source)).plan, requests: hub.log.length };
  } finally {
    await source.close();
  }
}

test("a cold plan of 83 archives takes three requests, and is the plan that reads all of them", async () => {
  const own = await coldPlan(WHOLE, undefined);
  assert.ok(own.requests >= 166);
  assert.ok(own.plan.archives.length === 83 && own.plan.rows.length > 1000);
  const { plan, requests } = await coldPlan(WHOLE, WHOLE_INDEX);
  assert.equal(requests, 3);
  assert.equal(JSON.stringify(plan), JSON.stringify(own.plan));
});

test("another copy of the repository takes three requests too: its files are held against the index", async () => {
  const mirror = inFolder("mirror");
  await cp(repo, mirror, { recursive: true });
  await writeFile(path.join(mirror, "NOTES.md"), "A mirror.\n");
  const other = await startHub({
    repos: [
      { id: "mirror/M3D-Cap", dir: mirror },
      { id: INDEX, dir: inFolder("index") },
    ],
  });
  try {
    const options = { endpoint: other.endpoint };
    const own = await coldPlan("mirror/M3D-Cap", undefined, options);
    other.resetLog();
    const { plan } = await coldPlan("mirror/M3D-Cap", INDEX, options);
    assert.equal(other.log.length, 3, other.log.map(({ url }) => url).join("\n"));
    assert.equal(JSON.stringify(plan), JSON.stringify(own.plan));
    assert.notEqual(plan.source.revision, (await coldPlan(REPO, INDEX)).plan.source.revision);
  } finally {
    await other.close();
  }
});

test("a conversion with an index has the same bytes as one without, from the Hub and from half a copy", async () => {
  const half = inFolder("half");
  await cp(repo, half, { recursive: true });
  const archives = (await readdir(half, { recursive: true })).filter((name) => name.endsWith(".zip")).sort();
  for (const name of archives.slice(0, archives.length >> 1)) await rm(path.join(half, name));
  for (const [nth, text] of [REPO, half].entries()) {
    await rm(inFolder("cache"), { recursive: true, force: true });
    const options = { endpoint: hub.endpoint };
    const with_ = await converted(await openIndexed(text, inFolder("index"), options), inFolder(`with-${nth}`));
    const without = await converted(await openSource(text, options), inFolder(`without-${nth}`));
    assert.ok(with_.receipts.some(({ rows }) => rows > 0));
    assert.deepEqual(await filesOf(inFolder(`with-${nth}`)), await filesOf(inFolder(`without-${nth}`)));
    assert.deepEqual(with_.plan, without.plan);
  }
});

test("half a copy without the split file takes the index's lists", async () => {
  const bare = inFolder("bare");
  await cp(repo, bare, { recursive: true });
  for (const name of await readdir(bare, { recursive: true }))
    if (name.endsWith("M3D_Cap.json")) await rm(path.join(bare, name));
  await assert.rejects(coldPlan(bare, undefined), (error) => isFault(error, "bad-split-file"));
  const [{ plan }, own] = [await coldPlan(bare, inFolder("index")), await coldPlan(repo, undefined)];
  assert.deepEqual(
    plan.rows.map(({ id, split, extents }) => ({ id, split, extents })),
    own.plan.rows.map(({ id, split, extents }) => ({ id, split, extents })),
  );
});

test("an archive that is not the index's is named", async () => {
  const [name] = (await readdir(repo, { recursive: true })).filter((one) => one.endsWith(".zip")).sort();
  const other = inFolder("other");
  for (const [damage, what] of [
    [(bytes: Buffer) => bytes.subarray(0, -100), /has \d+ bytes, \d+ in the index/],
    // A bit of a CRC-32 in the central directory.
    [(bytes: Buffer) => flipped(bytes, bytes.lastIndexOf(Buffer.from("PK\x01\x02")) + 16), /another directory/],
  ] as const) {
    await rm(other, { recursive: true, force: true });
    await cp(repo, other, { recursive: true });
    await writeFile(path.join(other, name!), damage(await readFile(path.join(repo, name!))));
    await assert.rejects(coldPlan(other, inFolder("index")), (error) => {
      assert.ok(isFault(error, "source-changed"));
      assert.ok(error.message.startsWith(`${name}: `) && what.test(error.message), error.message);
      return true;
    });
  }
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

test("a damaged index is one error that names it, wherever it is damaged", async () => {
  const good = await readFile(inFolder("index", "archives.parquet"));
  const bad = inFolder("bad-index");
  await mkdir(bad, { recursive: true });
  const damaged = Array.from({ length: 100 }, (_, nth) =>
    flipped(good, 4 + Math.floor((nth * (good.length - 4)) / 100)),
  );
  for (const [nth, bytes] of [good.subarray(0, good.length >> 1), Buffer.from("no table"), ...damaged].entries()) {
    await writeFile(path.join(bad, "archives.parquet"), bytes);
    const work = async () => converted(await openIndexed(repo, bad), inFolder(`damaged-${nth}`));
    await assert.rejects(work, (error) => {
      assert.ok(isFault(error, "bad-table") && error.message.startsWith(bad), (error as Error).stack);
      return true;
    });
  }
});

test("an index has at most 12 bytes a member", async () => {
  const large = "made-up/large";
  const content = await madeUpRepo({ archives: 2, membersPerArchive: 20_000, casesPerArchive: 100, series: 400 });
  const served = await startHub({ repos: [{ id: large, content }] });
  try {
    const source = await openSource(large, { endpoint: served.endpoint });
    const { byteLength, head } = await writeIndex(source, inFolder("large-index"));
    await source.close();
    const members = head.archives.reduce((sum, archive) => sum + archive.members, 0);
    assert.ok(members >= 40_000 && byteLength <= 12 * members, `${byteLength / members} bytes a member`);
  } finally {
    await served.close();
  }
});

test("equal sources give equal indexes", async () => {
  const source = await openSource(REPO, { endpoint: hub.endpoint });
  await writeIndex(source, inFolder("again"));
  await source.close();
  const [first, again] = [inFolder("index"), inFolder("again")].map((one) => path.join(one, "archives.parquet"));
  assert.deepEqual(await readFile(again!), await readFile(first!));
});

for (const layout of ["tar", "tar.gz", "tar.gz in parts", "zip in a folder"] as const)
  test(`an index of ${layout} gives the same bytes`, async () => {
    const [from, to] = [inFolder(layout, "repo"), inFolder(layout, "index")];
    await mkdir(inFolder(layout));
    await repack(repo, from, layout);
    await writeIndex(await openSource(from), to);
    await converted(await openIndexed(from, to), inFolder(layout, "with"));
    await converted(await openSource(from), inFolder(layout, "without"));
    assert.deepEqual(await filesOf(inFolder(layout, "with")), await filesOf(inFolder(layout, "without")));
  });

test("a tar that has other bytes than its index is named once a member of it is read", async () => {
  const [from, to] = [inFolder("tar", "repo"), inFolder("tar", "index")];
  const name = "M3D_Cap/ct_case/ct_case_00.tar";
  const file = path.join(from, name);
  const bytes = await readFile(file);
  await writeFile(file, flipped(bytes, bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff])) + 20));
  const work = async () => converted(await openIndexed(from, to), inFolder("other-tar"));
  await assert.rejects(work, (error) => {
    assert.ok(isFault(error, "source-changed"), (error as Error).stack);
    assert.match(error.message, new RegExp(`^${name}: has other bytes at .*\\.jpeg than in the index`));
    return true;
  });
});

test("real CT: a plan from an index is the plan of the archives", withoutSharedData, async () => {
  const mini = path.join(sharedData, "m3d-mini");
  const source = await openSource(mini);
  const { head } = await writeIndex(source, inFolder("mini-index"));
  await source.close();
  assert.ok(head.archives.reduce((sum, { members }) => sum + members, 0) > 3000);
  const own = await coldPlan(mini, undefined);
  assert.deepEqual((await coldPlan(mini, inFolder("mini-index"))).plan, own.plan);
});

test("where no archive can be read, the error says why the first cannot", async () => {
  const pointer = inFolder("pointer");
  await mkdir(pointer);
  await writeFile(
    path.join(pointer, "ct_case_00.zip"),
    `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`,
  );
  const source = await openSource(pointer);
  await assert.rejects(writeIndex(source, inFolder("of-pointer")), /ct_case_00\.zip: a Git LFS pointer/);
  await source.close();
});
