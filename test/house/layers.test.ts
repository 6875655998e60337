import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

/** The floors: a file imports its own folder and lower floors. A folder that is not here has no floor, and fails. */
const floors: Readonly<Record<string, number>> = {
  "errors.ts": 0,
  model: 1,
  files: 2,
  memory: 2,
  bytes: 3,
  kernels: 3,
  "m3d-cap": 3,
  archive: 4,
  slices: 4,
  volume: 4,
  shards: 4,
  hub: 4,
  modelscope: 4,
  stores: 5,
  source: 5,
  verify: 5,
  publish: 5,
  catalogue: 6,
  plan: 7,
  series: 8,
  output: 8,
  coordinates: 8,
  workers: 9,
  export: 9,
  audit: 9,
  view: 9,
  engines: 9,
  recipe: 10,
  run: 11,
  "index.ts": 12,
  console: 13,
  "cli.ts": 14,
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

test("a file imports its own folder and lower floors", () => {
  const wrong: string[] = [];
  for (const file of files) {
    const room = file.split(path.sep)[0]!;
    assert.ok(room in floors, `${room} has no floor`);
    for (const [, target] of readFileSync(path.join("src", file), "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)) {
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
