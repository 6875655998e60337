import assert from "node:assert/strict";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { type MadeUpRepo, madeUpRepo } from "../../devkit/phantoms/made-up-repo.ts";
import { filtered, writeConverted } from "../../scripts/bench/full-size-output.ts";
import { finalize } from "../../src/output/finalize.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { conversion } from "./conversion.ts";

// The full size in small: archives that are made up as they are read. `scripts/bench/full-size.ts` has all 83.
const REPO = "made-up/M3D-Cap";
const SIZE = { archives: 5, membersPerArchive: 20_000, casesPerArchive: 70, series: 1000 };
const folder = temporaryFolder("made-up");
let repo: MadeUpRepo;
let hub: Hub;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  repo = await madeUpRepo(SIZE);
  hub = await startHub({ repos: [{ id: REPO, content: repo }] });
});
after(() => hub.close());

async function plan(connections = 4) {
  hub.resetLog();
  const source = await openSource(REPO, { endpoint: hub.endpoint, connections });
  try {
    return await planConversion(source);
  } finally {
    await source.close();
  }
}
const ofArchives = () => hub.log.filter(({ path }) => path?.endsWith(".zip"));

test("an index costs two ranges and a resolve an archive, the directories' bytes, and 12 bytes a member on disk", async () => {
  const { plan: first, index } = await plan();
  assert.deepEqual([index.members, index.unplaced, index.entries.length, index.read], [100_000, 0, 1000, 5]);
  assert.deepEqual([first.rows.length, first.rejects.length], [1000, 0]);
  const [ranges, resolves] = [
    ofArchives().filter(({ host }) => host === "cdn"),
    ofArchives().filter(({ host }) => host === "hub"),
  ];
  assert.deepEqual([ranges.length, resolves.length], [2 * SIZE.archives, SIZE.archives]);
  const bytes = ranges.reduce((sum, one) => sum + one.bytes, 0);
  assert.ok(bytes <= 1.05 * repo.directoryBytes, `${bytes} bytes for ${repo.directoryBytes}`);

  const files = await readdir(path.join(folder, "cache"), { recursive: true, withFileTypes: true });
  let kept = 0;
  for (const file of files) if (file.isFile()) kept += (await stat(path.join(file.parentPath, file.name))).size;
  assert.ok(kept <= 12 * repo.members, `${kept} bytes for ${repo.members} members`);

  const { plan: second, index: again } = await plan(1);
  assert.deepEqual([ofArchives().length, again.read], [0, 0]);
  assert.equal(JSON.stringify(second), JSON.stringify(first));
  await rm(path.join(folder, "cache"), { recursive: true });
  assert.equal(JSON.stringify((await plan(1)).plan), JSON.stringify(first));
});

test("the folder that the bench finalizes is one that can be finalized, and filtered", async () => {
  const out = path.join(folder, "converted");
  assert.equal(await writeConverted(REPO, out, { HF_ENDPOINT: hub.endpoint }), SIZE.series);
  const { receipts } = await finalize(out);
  assert.equal(
    receipts.reduce((sum, { rows }) => sum + rows, 0),
    SIZE.series,
  );
  assert.ok((await filtered(path.join(out, "index.parquet"))).found > 0);
});

test("shards of shuffled cases fetch what was planned and read no directory twice", async () => {
  await plan();
  hub.resetLog();
  const {
    plan: made,
    rows,
    rejects,
  } = await conversion(REPO, path.join(folder, "out"), {
    open: { endpoint: hub.endpoint },
    selection: { splits: ["test100"], sample: 12 },
    output: { order: "shuffle", volume: "none", preview: false },
  });
  assert.deepEqual([rows.size, rejects], [12, []]);
  for (const { id, slices } of made.rows) assert.equal(rows.get(id)?.slice_count, slices);
  const ranges = ofArchives().filter(({ host }) => host === "cdn");
  const bytes = ranges.reduce((sum, one) => sum + one.bytes, 0);
  assert.deepEqual([ranges.length, bytes], [made.fetch.ranges, made.fetch.bytes]);
});
