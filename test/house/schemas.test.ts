import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { jsonSchemas } from "../../scripts/json-schemas.ts";

for (const [name, text] of Object.entries(jsonSchemas())) {
  test(`schemas/${name} is current (else: npm run schemas)`, () => {
    assert.equal(readFileSync(`schemas/${name}`, "utf8"), text);
  });
}
