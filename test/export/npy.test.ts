import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { exportFormatSuite } from "../../devkit/conformance/export-format.ts";
import { fullRow } from "../../devkit/rows/rows.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { npy, npyFile } from "../../src/export/npy.ts";

exportFormatSuite(npy);

test("a volume is the file that the reference wrote, byte for byte", withoutSharedData, async () => {
  const file = path.join(sharedData, "golden", "expected", "000001", "Axial_non_contrast.npy.gz");
  const theirs = gunzipSync(await readFile(file));
  const bytes = theirs.subarray(-32 * 256 * 256 * 4);
  assert.ok(theirs.equals(npyFile({ bytes, shape: [1, 32, 256, 256], dtype: "float32" })));
});

/** SHA-256 of what np.save of numpy 2.4 writes for np.zeros(shape, dtype). */
const ofNumpy: readonly (readonly [number[], "float32" | "float16" | "uint8", string])[] = [
  [[1, 32, 25, 25], "float32", "530c4bb0b43aa0c00e71fdf371b956ac3e2a1bad75a2511c9be34684335bab51"],
  [[1, 32, 25, 25], "float16", "074e6177379c0c65172743c85610971f46f9aa2a343787d2b49033e39ff8a32f"],
  [[164, 38, 40], "uint8", "b72a094e56f077d55de68d9d2fe3e551867518730cb30301d7dcccd509e87547"],
  [[7], "uint8", "645379cbdc59b2d6ca4bc7ebc9bb7618247b4693ffbc9f92906826122dd891b1"],
  [
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    "uint8",
    "7b005f1ae83d4062baf99b56bb95455db9592934958bc375a193eb25ed0244ff",
  ],
  [
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2],
    "uint8",
    "7b1d1c920af685b1ab5c567d4baa149395b4dac728046b9db254223876eecf55",
  ],
];
test("headers are numpy's for any sides and types", () => {
  const size = { float32: 4, float16: 2, uint8: 1 };
  for (const [shape, dtype, sha256] of ofNumpy) {
    const bytes = new Uint8Array(shape.reduce((product, side) => product * side, size[dtype]));
    const file = npyFile({ bytes, shape, dtype });
    assert.equal(createHash("sha256").update(file).digest("hex"), sha256, `${dtype} ${shape}`);
  }
});

test("uint8 becomes 0..1 in float32, as the authors' code expects", () => {
  const row = { ...fullRow, volume: Uint8Array.of(0, 51, 255), volume_shape: [3], volume_dtype: "uint8" as const };
  const file = npy.made(row).files[0]!.bytes;
  assert.match(Buffer.from(file).toString("latin1"), /'<f4'/);
  const floats = new Float32Array(Uint8Array.from(file.slice(-12)).buffer);
  assert.deepEqual([...floats], [0, Math.fround(0.2), 1]);
});

test("names and lists are those of the authors' files", () => {
  const { files, lists } = npy.made({ ...fullRow, split: "test" });
  assert.deepEqual(
    files.map((file) => file.path),
    ["M3D_Cap_npy/ct_case/000006/Axial_non_contrast.npy", "M3D_Cap_npy/ct_case/000006/text.txt"],
  );
  assert.equal(Buffer.from(files[1]!.bytes).toString(), fullRow.report);
  assert.deepEqual(
    lists.map(({ list }) => list),
    ["test", "test100", "test500"],
  );
  const unlisted = npy.made({ ...fullRow, image: null, series: "Pöschl", split: null, subsets: null });
  assert.equal(unlisted.files[0]!.path, "M3D_Cap_npy/ct_case/000006/Poschl.npy");
  assert.deepEqual(
    unlisted.lists.map(({ list }) => list),
    ["unlisted"],
  );
});
