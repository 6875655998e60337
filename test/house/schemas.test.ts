import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generated } from "../../scripts/generated.ts";

for (const [file, text] of Object.entries(generated())) {
  test(`${file} is current (else: npm run schemas)`, () => {
    assert.equal(readFileSync(file, "utf8"), text);
  });
}
