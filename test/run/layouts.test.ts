import assert from "node:assert/strict";
import path from "node:path";
import { before, test } from "node:test";
import { startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { type RepackLayout, repack } from "../../devkit/phantoms/repack.ts";
import type { Row } from "../../src/model/row.ts";
import { Selection } from "../../src/model/selection.ts";
import { openSource } from "../../src/source/open-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Conversion, conversion } from "./conversion.ts";

const REPO = "phantoms/M3D-Cap";
const output = { size: [4, 24, 24] as [number, number, number], preview: false, slices: true };
const folder = temporaryFolder("layouts");
let expected: Conversion;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  const repo = path.join(folder, "zip");
  await writePhantomRepo(repo, { casesPerArchive: 2, seriesPerCase: 2, slices: 5, height: 40, width: 32 });
  expected = await conversion(repo, path.join(folder, "zip-out"), { output });
});

const layouts: readonly RepackLayout[] = ["tar", "tar.gz", "tar.gz in parts", "WebDataset", "loose", "zip in a folder"];
for (const layout of layouts)
  test(`${layout}: the same rows in the same order, from a folder and from the Hub, for what the plan says`, async () => {
    const repo = path.join(folder, layout);
    await repack(path.join(folder, "zip"), repo, layout);
    same(await conversion(repo, path.join(folder, `${layout} local`), { output }));
    const hub = await startHub({ dir: repo, repo: REPO });
    try {
      const open = { endpoint: hub.endpoint };
      const source = await openSource(REPO, open);
      await source.close();
      const found = await conversion(REPO, path.join(folder, `${layout} hub`), { output, open });
      same(found);
      hub.resetLog();
      // The directories are in the cache now: what is asked for is what the plan says.
      await conversion(REPO, path.join(folder, `${layout} again`), { output, open });
      const { cdn, cdnBytes, resolve } = hub.counters();
      const { bytes, ranges, resolves } = found.plan.fetch;
      if (layout === "loose") assert.ok(resolve >= resolves && resolve <= resolves + 2, `${resolve} of ${resolves}`);
      else if (layout.startsWith("tar.gz")) assert.ok(cdnBytes <= bytes, `${cdnBytes} of at most ${bytes}`);
      else assert.deepEqual([cdn, cdnBytes], [ranges, bytes]);
    } finally {
      await hub.close();
    }
  });

test("one connection is enough for several streams, none of which is read to its end", async () => {
  const [zipped, repo] = [path.join(folder, "large zip"), path.join(folder, "large")];
  // More of each archive lies behind the first case than sockets hold.
  const shape = { casesPerArchive: 4, seriesPerCase: 2, slices: 60, height: 256, width: 256, drawn: 4 };
  const series = await writePhantomRepo(zipped, shape);
  await repack(zipped, repo, "tar.gz");
  const cases = [...new Set(series.map((one) => one.archive))].map((archive) => {
    const { collection, caseId } = series.find((one) => one.archive === archive)!;
    return `${collection}/${caseId}`;
  });
  const hub = await startHub({ dir: repo, repo: REPO });
  try {
    const open = { endpoint: hub.endpoint, connections: 1 };
    const { rows } = await conversion(REPO, path.join(folder, "large out"), {
      output,
      selection: Selection.parse({ cases }),
      open,
      connections: 1,
    });
    assert.equal(rows.size, cases.length * shape.seriesPerCase);
  } finally {
    await hub.close();
  }
});

test("a layout can be forced", async () => {
  const source = await openSource(path.join(folder, "zip"), { layout: "loose" });
  assert.deepEqual(source.archives, []);
  const forced = await openSource(path.join(folder, "zip"), { layout: "tar" });
  assert.ok(forced.archives.length > 0 && forced.archives.every(({ format }) => format.name === "tar"));
});

function same({ rows, receipts, plan }: Conversion): void {
  assert.deepEqual([...rows.values()].map(comparable), [...expected.rows.values()].map(comparable));
  assert.equal(receipts.length, expected.receipts.length);
  assert.deepEqual(plan.rejects, expected.plan.rejects);
}

const comparable = ({ source_file: _, source_revision: __, ...row }: Row) => row;
