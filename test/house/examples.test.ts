import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const folder = new URL("../../scripts/examples/", import.meta.url);
/** The last line that each prints. */
const ends: Readonly<Record<string, RegExp>> = {
  "plan.js": /\}\s*$/,
  "read-series.js": /uint8 \[\d+,144,160\].*\s*$/,
  "convert.js": /\d+ rows verified\s*$/,
  // These hold an implementation of a seam against its suite.
  "byte-source.js": /fail 0\b/,
  "archive-format.js": /fail 0\b/,
  "shard-format.js": /fail 0\b/,
};

test("every example runs as it stands", async () => {
  const scripts = (await readdir(folder)).filter((name) => name.endsWith(".js") && name !== "phantom-source.js");
  assert.deepEqual(scripts.sort(), Object.keys(ends).sort());
  for (const name of scripts) {
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL(name, folder))]);
    assert.match(stdout, ends[name]!, name);
  }
});
