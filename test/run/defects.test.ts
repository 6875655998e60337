import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { conversion } from "./conversion.ts";

const folder = temporaryFolder("defects");
process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");

const SERIES = "ct_case/000087/Axial_bone_window";
const convertDefect = (name: string, unlisted = false) =>
  conversion(path.join(sharedData, "m3d-mini-defects", name), path.join(folder, `${name}-${unlisted}`), {
    selection: { unlisted },
    output: { volume: "none" },
  });

/** What each broken repository comes to: its rows as [id, slices kept, slices dropped], and its rejects. */
const outcomes: readonly [
  name: string,
  rows: readonly (readonly [string, number, number])[],
  rejects: readonly string[],
][] = [
  ["nested-top-folder", [[SERIES, 24, 0]], []],
  ["mac-junk", [[SERIES, 24, 0]], ["M3D_Cap_npy/ct_case/__MACOSX.npy: missing-series"]],
  ["empty-series-folder", [[SERIES, 24, 0]], []],
  ["zero-byte-and-truncated-image", [[SERIES, 22, 2]], []],
  ["no-text", [[SERIES, 24, 0]], []],
  ["path-escape", [[SERIES, 24, 0]], []],
  ["text-not-utf8", [], [`${SERIES}: report-not-utf8`]],
  ["bad-crc", [], [`${SERIES}: crc-mismatch`]],
  ["names-cp437", [], []],
];

for (const [name, rows, rejects] of outcomes)
  test(`${name}: what can be had is had, the rest has a reason`, withoutSharedData, async () => {
    const found = await convertDefect(name);
    assert.deepEqual(
      [...found.rows.values()].map((row) => [row.id, row.slice_count, row.slices_dropped]),
      rows,
    );
    assert.deepEqual(found.rejects, rejects);
    if (name === "no-text") assert.equal(found.rows.get(SERIES)!.report, null);
  });

test("names in code page 437 are read as they were meant", withoutSharedData, async () => {
  const { rows } = await convertDefect("names-cp437", true);
  assert.deepEqual([...rows.keys()], ["ct_case/000087/Pöschl"]);
  assert.equal(rows.get("ct_case/000087/Pöschl")!.image, "M3D_Cap_npy/ct_case/000087/Poschl.npy");
});

test("an empty series folder is named when everything is asked for", withoutSharedData, async () => {
  const { rejects } = await convertDefect("empty-series-folder", true);
  assert.deepEqual(rejects, ["ct_case/000087/Coronal_bone_window: no-slices"]);
});

test("a truncated archive is a reject of its own, by its path", withoutSharedData, async () => {
  const { rows, rejects } = await convertDefect("truncated-zip", true);
  assert.equal(rows.size, 0);
  assert.ok(rejects.includes("M3D_Cap/ct_case/ct_case_00.zip: unreadable-archive"), rejects.join());
});
