import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const REPO = "phantoms/M3D-Cap";
const folder = temporaryFolder("cache");
let hub: Hub;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  await writePhantomRepo(path.join(folder, "repo"), { casesPerArchive: 2, slices: 4, height: 32, width: 32 });
  hub = await startHub({ dir: path.join(folder, "repo"), repo: REPO });
});
after(() => hub.close());

async function plan() {
  hub.resetLog();
  const source = await openSource(REPO, { endpoint: hub.endpoint });
  try {
    return (await planConversion(source)).plan;
  } finally {
    await source.close();
  }
}

/** Requests that name an archive since the last plan began. */
const asked = () => hub.log.filter(({ url }) => url.includes(".zip")).length;

test("a second plan of the same revision reads nothing from the archives", async () => {
  const first = await plan();
  assert.ok(asked() >= first.archives.length);
  assert.deepEqual(await plan(), first);
  assert.deepEqual([asked(), hub.counters().cdn], [0, 0]);
});

test("a cache file that is broken anywhere is read again from the source, not believed", async () => {
  const first = await plan();
  const cache = path.join(folder, "cache");
  const names = (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  assert.equal(names.length, first.archives.length);
  for (const damage of [
    (bytes: Buffer) => bytes.subarray(0, -1),
    (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte))),
    () => Buffer.from("no table"),
  ]) {
    for (const entry of names) {
      const file = path.join(entry.parentPath, entry.name);
      await writeFile(file, damage(await readFile(file)));
    }
    assert.deepEqual(await plan(), first);
    assert.ok(asked() >= first.archives.length);
  }
});
