import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

/** The floors: a file imports its own folder and lower floors. A folder that is not here has no floor, and fails. */
const floors: Readonly<Record<string, number>> = {
  model: 0,
  "errors.ts": 1,
  bytes: 2,
  kernels: 2,
  archive: 3,
  slices: 3,
  volume: 3,
  report: 3,
  shards: 3,
  hub: 3,
  verify: 4,
  publish: 4,
  run: 5,
  "index.ts": 6,
  console: 7,
  "cli.ts": 8,
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

test("a file imports its own folder and lower floors", () => {
  const wrong: string[] = [];
  for (const file of files) {
    const room = file.split(path.sep)[0]!;
    assert.ok(room in floors, `${room} has no floor`);
    for (const [, target] of readFileSync(path.join("src", file), "utf8").matchAll(/from "(\.[^"]+)"/g)) {
      const other = path.relative("src", path.resolve("src", path.dirname(file), target!)).split(path.sep)[0]!;
      if (other !== room && !(floors[other]! < floors[room]!)) wrong.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("no file is longer than 300 lines, and the median is near 80", () => {
  const lengths = files
    .map((file) => readFileSync(path.join("src", file), "utf8").split("\n").length)
    .sort((a, b) => a - b);
  assert.ok(lengths.at(-1)! <= 300, `the longest has ${lengths.at(-1)} lines`);
  assert.ok(lengths[lengths.length >> 1]! <= 100, `the median is ${lengths[lengths.length >> 1]}`);
});
