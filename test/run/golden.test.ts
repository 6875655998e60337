import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { startHub } from "../../devkit/hub/hub.ts";
import { writeZip } from "../../devkit/phantoms/zip-writer.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Conversion, conversion } from "./conversion.ts";
import { numpyHashes } from "./numpy-hashes.ts";

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

const golden = path.join(sharedData, "golden");
const folder = temporaryFolder("golden");
process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("every golden volume and report is, bit for bit, what the authors' script gives", withoutSharedData, async () => {
  await holdToGolden(await conversion(golden, path.join(folder, "out"), { selection: { unlisted: true } }));
});

test("the same when the tree is zipped and streamed", withoutSharedData, async () => {
  const repo = path.join(folder, "repo");
  await mkdir(path.join(repo, "ct_case"), { recursive: true });
  await writeZip(path.join(repo, "ct_case", "ct_case_00.zip"), filesIn(path.join(golden, "ct_case")));
  const hub = await startHub({ dir: repo, repo: "golden/M3D-Cap" });
  try {
    const options = { selection: { unlisted: true }, open: { endpoint: hub.endpoint } };
    await holdToGolden(await conversion("golden/M3D-Cap", path.join(folder, "streamed"), options));
  } finally {
    await hub.close();
  }
});

for (const dtype of ["float16", "uint8"] as const)
  test(`golden volumes as ${dtype} are numpy's`, withoutSharedData, async () => {
    const output = { dtype, preview: false };
    const { rows } = await conversion(golden, path.join(folder, dtype), { selection: { unlisted: true }, output });
    assert.deepEqual(
      Object.fromEntries([...rows].map(([id, row]) => [id, [row.volume_dtype, sha256(row.volume!)]])),
      Object.fromEntries(Object.entries(numpyHashes).map(([id, hashes]) => [id, [dtype, hashes[dtype]]])),
    );
  });

async function holdToGolden({ rows, rejects }: Conversion): Promise<void> {
  const manifest = JSON.parse(await readFile(path.join(golden, "manifest.json"), "utf8")) as Golden;
  let volumes = 0;
  for (const one of manifest.cases) {
    for (const series of one.series) {
      const row = rows.get(`ct_case/${one.case}/${series.dir}`);
      if (!series.expected) {
        assert.equal(row, undefined, `${one.case}/${series.dir} is excluded`);
        continue;
      }
      volumes += 1;
      const [low, high] = series.box;
      assert.equal(sha256(row!.volume!), series.expected.sha256_voxels, row!.id);
      assert.deepEqual(
        row!.crop_box,
        low.flatMap((from, axis) => [from, high[axis]!]),
        row!.id,
      );
      assert.deepEqual(
        [row!.slice_count, ...row!.intensity_range!],
        [series.kept, series.u8_min, series.u8_max],
        row!.id,
      );
      assert.equal(row!.report, one.texts?.[0]?.expected, row!.id);
    }
  }
  assert.deepEqual([volumes, rows.size], [12, 12]);
  assert.deepEqual(rejects, [
    "ct_case/000007/black: empty-volume",
    "ct_case/000007/gray128: empty-volume",
    "ct_case/000008/Axial: bad-slice-name",
    "ct_case/000009/Axial: report-not-utf8",
  ]);
}

async function* filesIn(root: string) {
  const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  for (const entry of files) {
    const file = path.join(entry.parentPath, entry.name);
    yield { name: path.relative(root, file), data: await readFile(file) };
  }
}
