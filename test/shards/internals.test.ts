import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import * as arrow from "../../src/shards/arrow/apache-arrow-internals.ts";
import * as hyparquet from "../../src/shards/parquet/hyparquet-writer-internals.ts";
import * as parquetjs from "../../src/shards/parquetjs/parquetjs-lite-internals.ts";

const holdsFor: Readonly<Record<string, string>> = {
  "apache-arrow": arrow.holdsFor,
  "hyparquet-writer": hyparquet.holdsFor,
  "parquetjs-lite": parquetjs.holdsFor,
};
/** Parts of a package that are as public as the package. */
const INTERFACES = new Set(["csv-parse/sync"]);

for (const [library, version] of Object.entries(holdsFor))
  test(`the installed ${library} is the one whose internals are known`, () => {
    const installed = JSON.parse(readFileSync(path.join("node_modules", library, "package.json"), "utf8"));
    assert.equal(installed.version, version, `check what ${library}-internals.ts names, then change its version`);
  });

test("a library is reached into by one file alone", () => {
  const wrong: string[] = [];
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
    const text = readFileSync(path.join("src", file), "utf8");
    for (const [, target] of text.matchAll(/(?:from|import\(?|require\() ?"((?:@[^/"]+\/)?[^./":@][^/":]*\/[^"]+)"/g))
      if (!INTERFACES.has(target!) && path.basename(file) !== `${target!.split("/")[0]}-internals.ts`)
        wrong.push(`${file} imports ${target}`);
  }
  assert.deepEqual(wrong, []);
});
