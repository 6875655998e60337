import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import type { Row } from "../../src/model/row.ts";
import { Output, Selection } from "../../src/model/selection.ts";
import { convert } from "../../src/run/convert.ts";
import { openSource } from "../../src/run/open-source.ts";
import { indexSource, makePlan } from "../../src/run/plan.ts";
import { workers } from "../../src/run/workers.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { sharedData, withoutSharedData } from "../shared-data.ts";

interface Golden {
  cases: {
    case: string;
    texts?: { file: string; expected: string }[];
    series: {
      dir: string;
      files: number;
      kept: number;
      box: [number[], number[]];
      u8_min: number;
      u8_max: number;
      expected?: { sha256_voxels: string };
    }[];
  }[];
}

const folder = await mkdtemp(path.join(tmpdir(), "golden-"));
process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
after(() => rm(folder, { recursive: true, force: true }));

test("every golden volume and report is, bit for bit, what the authors' script gives", withoutSharedData, async () => {
  const source = await openSource(path.join(sharedData, "golden"));
  const plan = makePlan(source, await indexSource(source), Selection.parse({ unlisted: true }), Output.parse({}));
  const executor = workers(2);
  const { receipts } = await convert(plan, source, { folder: path.join(folder, "out"), executor, connections: 4 });
  await executor.close();
  const rows = new Map<string, Row>();
  for (const receipt of receipts) {
    const shard = await shardFormat("parquet", "hyparquet-writer").open(path.join(folder, "out", receipt.path));
    for await (const row of shard.rows()) rows.set(row.id, row);
  }
  const golden = JSON.parse(await readFile(path.join(sharedData, "golden", "manifest.json"), "utf8")) as Golden;
  let volumes = 0;
  for (const one of golden.cases) {
    for (const series of one.series) {
      const row = rows.get(`ct_case/${one.case}/${series.dir}`);
      if (!series.expected) {
        assert.equal(row, undefined, `${one.case}/${series.dir} is excluded`);
        continue;
      }
      volumes += 1;
      const [low, high] = series.box;
      assert.equal(createHash("sha256").update(row!.volume!).digest("hex"), series.expected.sha256_voxels, row!.id);
      assert.deepEqual(
        row!.crop_box,
        low.flatMap((from, axis) => [from, high[axis]!]),
        row!.id,
      );
      assert.deepEqual(
        [row!.slice_count, ...row!.intensity_range],
        [series.kept, series.u8_min, series.u8_max],
        row!.id,
      );
      assert.equal(row!.report, one.texts?.[0]?.expected, row!.id);
    }
  }
  assert.equal(volumes, 12);
  assert.equal(rows.size, 12);
  const reasons = [...plan.rejects, ...receipts.flatMap((receipt) => receipt.rejects)].map(
    ({ id, reason }) => `${id}: ${reason}`,
  );
  assert.deepEqual(reasons.sort(), [
    "ct_case/000007/black: empty-volume",
    "ct_case/000007/gray128: empty-volume",
    "ct_case/000008/Axial: bad-slice-name",
    "ct_case/000009/Axial: report-not-utf8",
  ]);
});
