import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { markdown } from "./markdown.ts";

test("test/properties/faults/README.md is current (else: npm run faults)", () => {
  assert.equal(readFileSync("test/properties/faults/README.md", "utf8"), markdown());
});
