import assert from "node:assert/strict";
import { test } from "node:test";
import { exportFormatSuite } from "../../devkit/conformance/export-format.ts";
import { fullRow } from "../../devkit/rows/rows.ts";
import { webdataset } from "../../src/export/webdataset.ts";

exportFormatSuite(webdataset);

test("keys have no dot, and no two ids have one key", () => {
  const ids = ["ct_case/1/a.b", "ct_case/1/a_b", "ct_case/1/a%2Eb", "ct_case/1/a%b"];
  const keys = ids.map((id) => {
    const files = webdataset.made({ ...fullRow, id }).files.map((file) => file.path.split("."));
    assert.deepEqual(
      files.map(([key, extension, ...more]) => [key === files[0]![0], extension, more.length]),
      [
        [true, "json", 0],
        [true, "npy", 0],
        [true, "txt", 0],
      ],
    );
    return files[0]![0];
  });
  assert.equal(new Set(keys).size, ids.length);
});
