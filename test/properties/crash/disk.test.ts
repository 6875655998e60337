import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Files, filesOf } from "../determined-files.ts";
import { assertAsReference, assertNothingHalf, Site } from "./site.ts";

let site: Site;
let reference: Files;
before(async () => {
  site = await Site.make();
  reference = await site.reference();
});
after(() => site.close());

/** Why no file system can be mounted here; false where it can. */
async function mountable(): Promise<string | false> {
  const folder = await mkdtemp(path.join(tmpdir(), "mount-"));
  try {
    mount(folder, "size=64k");
    execFileSync("umount", [folder]);
    return false;
  } catch (error) {
    return `mounting a tmpfs is not permitted here (${(error as Error).message.split("\n")[0]})`;
  } finally {
    await rm(folder, { recursive: true });
  }
}
function mount(folder: string, options: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "pipe" });
}
const cannotMount = await mountable();

const remount = (folder: string, options: string) =>
  execFileSync("mount", ["-o", `remount,${options}`, folder], { stdio: "pipe" });

/** A folder on a disk of its own. */
async function onDisk(size: string): Promise<{ out: string; disk: string; unmount: () => void }> {
  const disk = path.join(await site.folder(), "disk");
  await mkdir(disk);
  mount(disk, `size=${size}`);
  return { out: path.join(disk, "out"), disk, unmount: () => execFileSync("umount", [disk]) };
}

for (const size of ["64k", "160k", "330k"])
  test(`a disk of ${size} fills: exit 75 that says so, nothing half done, and with room the run goes on`, {
    skip: cannotMount,
  }, async () => {
    const { out, disk, unmount } = await onDisk(size);
    try {
      const full = await site.convert({ out, env: elsewhere() });
      assert.equal(full.code, 75, full.stderr);
      assert.match(full.stderr, /the disk is full; free some space and run the same command again/);
      const finished = await assertNothingHalf(out, reference);
      assert.deepEqual(await readdir(path.join(out, ".voxshard/tmp")), [], "what was half written is gone at once");
      remount(disk, "size=16m");
      const again = await site.convert({ out, env: elsewhere() });
      assert.equal(again.code, 0, again.stderr);
      await assertAsReference(out, reference, finished);
    } finally {
      unmount();
    }
  });

/** The cache lies on another disk. */
const elsewhere = () => ({ VOXSHARD_CACHE: path.join(site.root, "cache") });

test("a disk that is full from some step on: exit 75, and the run goes on", async () => {
  const out = path.join(await site.folder(), "out");
  const finished = new Map<string, string>();
  // One folder for all: each run meets what the last could not write. Later ones have less to do.
  for (const at of [2, 8, 11, 20, 40, 31, 9, 26]) {
    const full = await site.convert({ out, steps: { at, do: "full" } });
    for (const one of await assertNothingHalf(out, reference)) finished.set(...one);
    assert.equal(full.code, 75, `step ${at}: ${full.stderr}`);
    assert.match(full.stderr, /the disk is full/);
    const left = await readdir(path.join(out, ".voxshard/tmp")).catch(() => []);
    assert.deepEqual(left, [], `step ${at} leaves a temporary file`);
  }
  assert.equal((await site.convert({ out })).code, 0);
  await assertAsReference(out, reference, finished);
});

test("a cache that cannot be written costs nothing but a second reading", { skip: cannotMount }, async () => {
  const { disk, unmount } = await onDisk("16k");
  try {
    await writeFile(path.join(disk, "full"), Buffer.alloc((await statfs(disk)).bavail * 4096));
    for (const cache of [path.join(disk, "cache"), path.join(disk, "full")]) {
      const folder = path.join(await site.folder(), "out");
      const { code, stderr } = await site.convert({ out: folder, env: { VOXSHARD_CACHE: cache } });
      assert.equal(code, 0, stderr);
      await assertAsReference(folder, reference);
    }
  } finally {
    unmount();
  }
});

test("a folder that is read-only: exit 73 that says which, nothing touched, and the run goes on later", {
  skip: cannotMount,
}, async () => {
  const { out, disk, unmount } = await onDisk("16m");
  try {
    assert.equal((await site.convert({ out, env: elsewhere(), steps: { at: 40, do: "kill" } })).code, "killed");
    const before = await filesOf(out);
    const finished = await assertNothingHalf(out, reference);
    remount(disk, "ro");
    const refused = await site.convert({ out, env: elsewhere() });
    assert.equal(refused.code, 73, refused.stderr);
    assert.match(refused.stderr, /out.*: cannot be written \(EROFS\); choose another --out/);
    const fresh = await site.convert({ out: path.join(disk, "other"), env: elsewhere() });
    assert.equal(fresh.code, 73, fresh.stderr);
    assert.deepEqual(await filesOf(out), before);
    remount(disk, "rw");
    assert.equal((await site.convert({ out, env: elsewhere() })).code, 0);
    await assertAsReference(out, reference, finished);
  } finally {
    unmount();
  }
});

test("--out that is a file, or a folder with a README of its own: exit 73, nothing touched", async () => {
  const folder = await site.folder();
  const file = path.join(folder, "file");
  await writeFile(file, "mine");
  await cp(file, path.join(folder, "own", "README.md"));
  for (const [out, message] of [
    [file, /file: is a file, not a folder; choose another --out/],
    [path.join(file, "inside"), /cannot be written \(ENOTDIR\); choose another --out/],
    [path.join(folder, "own"), /own\/README.md: is there, and no conversion left it; choose a new --out/],
  ] as const) {
    const before = await filesOf(folder);
    const { code, stderr } = await site.convert({ out, env: elsewhere() });
    assert.equal(code, 73, stderr);
    assert.match(stderr, message);
    assert.deepEqual(await filesOf(folder), before);
  }
});
