import assert from "node:assert/strict";
import { test } from "node:test";
import { decompress, isCompressed, readHeader, readImage } from "nifti-reader-js";
import { exportFormatSuite } from "../../devkit/conformance/export-format.ts";
import { fullRow } from "../../devkit/rows/rows.ts";
import { isFault } from "../../src/errors.ts";
import { exportKind } from "../../src/export/kinds.ts";
import { niftiM3d, niftiMed3dvlm, niftiNative } from "../../src/export/nifti.ts";

const channel = { ...fullRow, volume_shape: [1, 2, 3, 4] };
exportFormatSuite(niftiM3d, channel);
exportFormatSuite(niftiNative);
exportFormatSuite(niftiMed3dvlm, {
  ...fullRow,
  volume: new Uint8Array(128 * 256 * 256),
  volume_shape: [1, 128, 256, 256],
});

test("a recipe refuses an array that is not its own, and says what makes one", () => {
  for (const [format, row] of [
    [niftiM3d, fullRow],
    [niftiNative, channel],
    [niftiMed3dvlm, channel],
  ] as const)
    assert.throws(
      () => format.made(row),
      (error) => isFault(error, "usage") && /--(volume|size) \S+, or a source itself$/.test(error.message),
    );
});

test("a kind or recipe that is not known is a usage error that names those that are", async () => {
  for (const [to, recipe, said] of [
    ["nrrd", undefined, /npy, nifti, chat, webdataset are known/],
    ["constructor", undefined, /npy, nifti/],
    ["npy", "native", /npy knows m3d/],
    ["nifti", "toString", /m3d, native, med3dvlm/],
  ] as const)
    assert.throws(
      () => exportKind(to, recipe),
      (error) => isFault(error, "usage") && said.test(error.message),
    );
  assert.equal((await exportKind("nifti", undefined).load()).name, niftiM3d.name);
});

test("the reader that NiiVue has finds the sides, the voxels, and that nothing is known of space", () => {
  const voxels = { ...fullRow, volume: Uint8Array.from({ length: 24 }, (_, at) => at * 10), volume_shape: [2, 3, 4] };
  const [file] = niftiNative.made({ ...voxels, volume_dtype: "uint8" }).files;
  const { buffer } = new Uint8Array(file!.bytes);
  assert.ok(isCompressed(buffer));
  const plain = decompress(buffer) as ArrayBuffer;
  const header = readHeader(plain)!;
  assert.deepEqual(header.dims.slice(0, 4), [3, 4, 3, 2]);
  assert.deepEqual([header.qform_code, header.sform_code, header.xyzt_units, header.scl_slope], [0, 0, 0, 1]);
  assert.deepEqual(new Uint8Array(readImage(header, plain)), voxels.volume);
});
