import assert from "node:assert/strict";
import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { repack } from "../../devkit/phantoms/repack.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { type CheckOptions, check } from "../../src/coordinates/check.ts";
import { openIndex } from "../../src/coordinates/open-index.ts";
import { writeIndex } from "../../src/coordinates/write-index.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { type OpenOptions, openSource } from "../../src/source/open-source.ts";
import { voxshardSync } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder("check");
let repo: string;
const inFolder = (...names: string[]) => path.join(folder, ...names);

before(async () => {
  process.env["VOXSHARD_CACHE"] = inFolder("cache");
  repo = inFolder("repo");
  await writePhantomRepo(repo, { casesPerArchive: 3, slices: 4, height: 32, width: 32 });
  await indexed(repo, inFolder("index"));
});

async function indexed(from: string, to: string): Promise<void> {
  const source = await openSource(from);
  await writeIndex(source, to);
  await source.close();
}

async function checked(text: string, index: string, options: CheckOptions & { open?: OpenOptions } = {}) {
  const transport = new Transport({});
  const opened = await openIndex(index, { transport });
  const source = await openSource(text, { ...options.open, withoutLists: true });
  try {
    return await check(source, opened, options);
  } finally {
    await source.close();
    await transport.close();
  }
}

/** A copy of the repository, changed by `change`, in a folder of its own. */
async function copy(name: string, change: (folder: string, archives: readonly string[]) => Promise<void>) {
  const to = inFolder(name);
  await cp(repo, to, { recursive: true });
  const archives = (await readdir(to, { recursive: true })).filter((one) => one.endsWith(".zip")).sort();
  await change(to, archives);
  return { to, archives };
}

/** Rows of each split of a plan of a source. */
async function planned(text: string): Promise<Record<string, number>> {
  const source = await openSource(text);
  const { plan } = await planConversion(source, { selection: { unlisted: true } });
  await source.close();
  const found: Record<string, number> = {};
  for (const { split, subsets } of plan.rows)
    for (const name of [split ?? "unlisted", ...subsets]) found[name] = (found[name] ?? 0) + 1;
  return found;
}

test("a whole copy is whole, and has all series of each list that a plan has", async () => {
  const { isWhole, archives, lists, unknown } = await checked(repo, inFolder("index"), { deep: true });
  assert.ok(isWhole && archives.every(({ read, members }) => read === members && members > 0));
  assert.deepEqual(unknown, []);
  const rows = await planned(repo);
  assert.deepEqual(lists, Object.fromEntries(Object.entries(rows).map(([name, of]) => [name, { held: of, of }])));
});

test("of half a copy each archive is told, and each list is what a plan of it holds", async () => {
  const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  const { to, archives } = await copy("half", async (to, [first, second]) => {
    await rm(path.join(to, first!));
    await truncate(path.join(to, second!), 5000);
    await writeFile(path.join(to, "M3D_Cap", "M3D_Cap.json"), pointer);
  });
  const { isWhole, lists, archives: told } = await checked(to, inFolder("index"));
  assert.equal(isWhole, false);
  const states = archives.map((name) => told.find((one) => one.path === name)!);
  assert.deepEqual(states.map(({ state }) => state).slice(0, 3), ["missing", "other", "whole"]);
  assert.match(states[1]!.detail, /^has 5000 bytes, \d+ in the index$/);
  // The plan needs the lists, and can do nothing with the archive that was cut.
  await cp(path.join(repo, "M3D_Cap", "M3D_Cap.json"), path.join(to, "M3D_Cap", "M3D_Cap.json"));
  const rows = await planned(to);
  for (const [name, { held, of }] of Object.entries(lists)) {
    assert.equal(held, rows[name] ?? 0, name);
    assert.ok(of >= held);
  }
  assert.ok(Object.values(states[0]!.series).some((count) => count > 0));
});

test("the command says it in a line, names what to get again, and exits with 65 unless all is whole", async () => {
  const run = (...args: string[]) => voxshardSync(["check", ...args, "--index", inFolder("index"), "--quiet"]);
  const { to, archives } = await copy("told", (to, [first]) => rm(path.join(to, first!)));
  const { status, stdout, stderr } = run(to);
  assert.equal(status, 65);
  assert.match(stdout, /^you hold (\d+) of \d+ archives: .*\d+ of \d+ test.*\n/);
  assert.ok(stdout.includes(`missing    ${archives[0]}: is not there (`), stdout);
  assert.match(stderr, /is not whole: you hold/);
  const told = JSON.parse(run(to, "--json").stdout);
  assert.deepEqual([told.isWhole, told.archives.length], [false, archives.length]);
  const whole = run(repo, "--deep");
  assert.deepEqual([whole.status, whole.stderr], [0, ""]);
  assert.match(whole.stdout, /\d members read \(\d+\.\d .B\/s\)\n$/);
});

test("a member that is damaged is named by a deep check alone, and its series is not held", async () => {
  const { to, archives } = await copy("damaged", async (to, [first]) => {
    const file = path.join(to, first!);
    const bytes = await readFile(file);
    bytes[bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff])) + 20]! ^= 1;
    await writeFile(file, bytes);
  });
  assert.ok((await checked(to, inFolder("index"))).isWhole);
  const { isWhole, archives: told, lists } = await checked(to, inFolder("index"), { deep: true });
  assert.equal(isWhole, false);
  const [one] = told.filter(({ state }) => state !== "whole");
  assert.deepEqual([one!.path, one!.state, one!.damaged.length, one!.read], [archives[0], "damaged", 1, one!.members]);
  const lost = Object.values(lists).reduce((sum, { held, of }) => sum + of - held, 0);
  assert.ok(lost >= 1);
});

test("a deep check that was stopped goes on, with what it found; one that ended starts anew", async () => {
  const { to } = await copy("stopped", async (to, [first]) => {
    const file = path.join(to, first!);
    const bytes = await readFile(file);
    bytes[bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff])) + 20]! ^= 1;
    await writeFile(file, bytes);
  });
  const whole = await checked(to, inFolder("index"), { deep: true });
  const stop = new AbortController();
  const half = whole.deep!.bytes / 2;
  const onProgress = ({ bytes }: { bytes: number }) => bytes >= half && stop.abort(new Error("stopped"));
  await assert.rejects(checked(to, inFolder("index"), { deep: true, signal: stop.signal, onProgress }), /stopped/);
  const rest = await checked(to, inFolder("index"), { deep: true });
  assert.ok(rest.deep!.bytes > 0 && rest.deep!.bytes < whole.deep!.bytes, `${rest.deep!.bytes}`);
  assert.deepEqual({ ...rest, deep: undefined }, { ...whole, deep: undefined });
  assert.equal((await checked(to, inFolder("index"), { deep: true })).deep!.bytes, whole.deep!.bytes);
});

for (const layout of ["tar", "tar.gz", "tar.gz in parts"] as const)
  test(`${layout}: whole, and damage is found`, async () => {
    const [from, to] = [inFolder(layout, "repo"), inFolder(layout, "index")];
    await cp(repo, inFolder(layout, "zip"), { recursive: true });
    await repack(inFolder(layout, "zip"), from, layout);
    await indexed(from, to);
    const { isWhole, archives } = await checked(from, to, { deep: true });
    assert.ok(isWhole && archives.every(({ read, members }) => read === members));
    const [piece] = (await readdir(from, { recursive: true })).filter((name) => /\.tar(?:\.|$)/.test(name)).sort();
    await rm(path.join(from, piece!));
    assert.equal((await checked(from, to)).isWhole, false);
  });

test("a copy on a Hub, of another commit: nothing is read where its hashes are the index's", async () => {
  const hub = await startHub({ dir: repo, repo: "phantoms/M3D-Cap" });
  try {
    const open = { endpoint: hub.endpoint };
    const source = await openSource("phantoms/M3D-Cap", open);
    await writeIndex(source, inFolder("hub-index"));
    await source.close();
    const mirror = await copy("mirror", (to, [first]) => rm(path.join(to, first!)));
    const other = await startHub({ dir: mirror.to, repo: "mirror/M3D-Cap" });
    try {
      const found = await checked("mirror/M3D-Cap", inFolder("hub-index"), { open: { endpoint: other.endpoint } });
      assert.deepEqual(
        found.archives.filter(({ state }) => state !== "whole").map((one) => [one.path, one.state]),
        [[mirror.archives[0], "missing"]],
      );
      assert.equal(other.log.filter(({ url }) => url.includes(".zip")).length, 0);
    } finally {
      await other.close();
    }
  } finally {
    await hub.close();
  }
});

test("real CT: half a copy against the index of the whole", withoutSharedData, async () => {
  const mini = path.join(sharedData, "m3d-mini");
  await indexed(mini, inFolder("mini-index"));
  assert.ok((await checked(mini, inFolder("mini-index"), { deep: true })).isWhole);
  const half = inFolder("mini-half");
  await cp(mini, half, { recursive: true });
  const [first] = (await readdir(half, { recursive: true })).filter((name) => name.endsWith(".zip")).sort();
  await rm(path.join(half, first!));
  const [found, rows] = [await checked(half, inFolder("mini-index")), await planned(half)];
  for (const [name, { held }] of Object.entries(found.lists)) assert.equal(held, rows[name] ?? 0, name);
});
