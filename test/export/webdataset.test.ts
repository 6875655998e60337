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

test("a sample of a row that lacks much has the same files and facts, of the same types", () => {
  const bare = { ...fullRow, image: null, report: null, plane: null, phase: null, split: null, subsets: null };
  const [least, most] = [bare, fullRow].map((row) => webdataset.made(row).files);
  assert.deepEqual(
    least!.map((file) => file.path),
    most!.map((file) => file.path),
  );
  const [facts, told] = [least!, most!].map(([json]) => JSON.parse(Buffer.from(json!.bytes).toString()));
  assert.deepEqual(Object.keys(facts), Object.keys(told));
  for (const fact of Object.values({ ...facts, ...told })) assert.equal(typeof fact, "string");
  assert.deepEqual([facts.phase, facts.subsets, told.subsets], ["", "", fullRow.subsets!.join(" ")]);
  assert.equal(least!.at(-1)!.bytes.byteLength, 0);
});
