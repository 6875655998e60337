import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { readSeries } from "../../src/run/read-series.ts";
import { openSource } from "../../src/source/open-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { conversion } from "./conversion.ts";

const REPO = "phantoms/M3D-Cap";
const folder = temporaryFolder("rows");
let hub: Hub;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  await writePhantomRepo(path.join(folder, "repo"), { casesPerArchive: 2, slices: 6, height: 48, width: 40 });
  hub = await startHub({ dir: path.join(folder, "repo"), repo: REPO });
});
after(() => hub.close());

test("rows without files are the rows of the shards, rejects are told", async () => {
  const output = { size: [4, 16, 16] as [number, number, number] };
  const open = { endpoint: hub.endpoint };
  const { rows } = await conversion(REPO, path.join(folder, "out"), { output, open });
  const source = await openSource(REPO, open);
  const { plan } = await planConversion(source, { output });
  const rejects: string[] = [];
  const found = [];
  for await (const row of readSeries(plan, source, { onReject: ({ id }) => rejects.push(id) })) found.push(row);
  await source.close();
  assert.deepEqual(found.map(plain), [...rows.values()].map(plain));
  assert.deepEqual(
    rejects,
    plan.rejects.map(({ id }) => id),
  );
});

test("leaving the loop early ends reads and threads: nothing is asked for afterwards", async () => {
  const source = await openSource(REPO, { endpoint: hub.endpoint });
  const { plan } = await planConversion(source, {});
  hub.resetLog();
  for await (const row of readSeries(plan, source, { connections: 1 })) {
    assert.equal(row.id, plan.rows[0]!.id);
    break;
  }
  const asked = hub.counters().cdn;
  await source.close();
  assert.ok(asked > 0 && asked < plan.fetch.ranges, `${asked} of ${plan.fetch.ranges} ranges`);
  assert.equal(hub.counters().cdn, asked);
  assert.ok(!(await readdir(folder)).includes("data"));
});

/** Buffers and arrays of the same bytes are equal. */
function plain(row: object) {
  return JSON.parse(
    JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value)),
  );
}
