import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { limits, limitsMarkdown, met } from "./limits.ts";

test("every limit has its reason beside it, and its consequence in the table", () => {
  for (const { name, reason, where } of limits()) {
    assert.ok(reason.length > 20, `${where}: ${name} has no reason on the line before it`);
    assert.ok(name in met, `${name} is not in test/properties/hostile/limits.ts`);
  }
  const there = new Set(limits().map(({ name }) => name));
  assert.deepEqual(
    Object.keys(met).filter((name) => !there.has(name)),
    [],
  );
});

test("test/properties/hostile/README.md is current (else: npm run limits)", () => {
  assert.equal(readFileSync("test/properties/hostile/README.md", "utf8"), limitsMarkdown());
});
