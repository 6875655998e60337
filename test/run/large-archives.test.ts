import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { indexSource } from "../../src/catalogue/index-source.ts";
import { Output, Selection } from "../../src/model/selection.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { convert } from "../../src/run/convert.ts";
import { openSource } from "../../src/source/open-source.ts";
import { workers } from "../../src/workers/workers.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const REPO = "phantoms/M3D-Cap";
const GB = 1e9;

test("test100 out of three archives of over 1 GB costs its own bytes, and DuckDB reads what came of it", async () => {
  const folder = temporaryFolder("large");
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  await writePhantomRepo(path.join(folder, "repo"), {
    casesPerArchive: 2,
    slices: 16,
    height: 400,
    width: 400,
    pad: 1.2 * GB,
  });
  const hub = await startHub({ dir: path.join(folder, "repo"), repo: REPO });
  const source = await openSource(REPO, { endpoint: hub.endpoint });
  const executor = workers(2);
  try {
    for (const archive of source.archives)
      assert.ok(archive.byteLength > GB, `${archive.path} has ${archive.byteLength} bytes`);
    const index = await indexSource(source);
    const directoryBytes = hub.counters().cdnBytes;
    const plan = makePlan(source, index, Selection.parse({ splits: ["test100"] }), Output.parse({}));
    const { receipts } = await convert(plan, source, { folder: path.join(folder, "out"), executor, connections: 4 });

    const selected = plan.rows.reduce((sum, row) => sum + row.storedBytes, 0);
    const fetched = hub.counters().cdnBytes - directoryBytes;
    // Local headers count as fetched: some 60 bytes for each slice.
    assert.ok(fetched <= 1.02 * selected, `${fetched} bytes fetched for ${selected}`);
    const archives = source.archives.length;
    assert.ok(hub.counters().cdn <= plan.rows.length + 2 * archives, `${hub.counters().cdn} ranges`);
    const resolved = hub.log.filter(({ route, url }) => route === "resolve" && url.includes(".zip"));
    assert.ok(resolved.length <= archives, `${resolved.length} resolves`);

    const database = await (await DuckDBInstance.create()).connect();
    const file = path.join(folder, "out", receipts[0]!.path);
    const answer = await database.runAndReadAll(
      `select id, octet_length(volume.bytes), preview.path, len(subsets) from '${file}' order by id`,
    );
    const expected = plan.rows.map(({ id, subsets }) => [id, 8_388_608n, "preview.jpeg", BigInt(subsets.length)]);
    assert.deepEqual(
      answer.getRows(),
      expected.sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
    );
  } finally {
    await executor.close();
    await source.close();
    await hub.close();
  }
});
