import assert from "node:assert/strict";
import { test } from "node:test";
import * as voxshard from "../../src/index.ts";

test("the library exports exactly these names", () => {
  assert.deepEqual(Object.keys(voxshard).sort(), [
    "EtlError",
    "Output",
    "Selection",
    "convert",
    "createFile",
    "features",
    "inFolders",
    "indexSource",
    "isFault",
    "makePlan",
    "openIndexed",
    "openSource",
    "planConversion",
    "planHash",
    "planSummary",
    "readAll",
    "readSeries",
    "toRow",
    "verify",
    "workers",
    "writeIndex",
  ]);
});
