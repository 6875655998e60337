import assert from "node:assert/strict";
import { test } from "node:test";
import { listedSeries, parseSplitFile, readSplitFile } from "../../src/m3d-cap/split-file.ts";

const one = (image: string) => listedSeries({ test: [{ image }] }).listed[0]!.key;

test("an image names its series with either slash, and nothing where it is no such array", () => {
  const key = { collection: "ct_case", caseId: "000006", caseName: "ct_case/000006", name: "Axial" };
  assert.deepEqual(one("M3D_Cap_npy/ct_case/000006/Axial.npy"), key);
  assert.deepEqual(one("M3D_Cap_npy\\ct_case\\000006\\Axial.npy"), key);
  assert.equal(one("M3D_Cap_npy/ct_case/000006/Axial.nii.gz"), undefined);
  assert.equal(one("000006/Axial.npy"), undefined);
});

test("what Python writes and JSON does not know is said, with where it stands", () => {
  assert.match(String(readSplitFile('{"train": [{"image": NaN}]}')), /^not JSON \(Unexpected token/);
  assert.throws(
    () => parseSplitFile('{"train": [{"image": NaN}]}', "M3D_Cap.json"),
    /^EtlError: M3D_Cap\.json: not JSON/,
  );
});
