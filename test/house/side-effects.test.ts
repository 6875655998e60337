import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

/** Runs in a process of its own, as all that is asked about is the whole process's. */
const script = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as soon } from "node:timers/promises";
import { runInNewContext } from "node:vm";

const voxshard = process.argv[1];
// The loader's own reading goes by these too.
const own = (path) => String(path).includes("/node_modules/") || String(path).endsWith(".js") ? [] : [String(path)];
const [files, compiled] = [[], []];
for (const [object, name] of [[fs, "readFileSync"], [fs, "openSync"], [fs.promises, "readFile"], [fs.promises, "open"]]) {
  const original = object[name];
  object[name] = (path, ...rest) => (files.push(...own(path)), original.call(object, path, ...rest));
}
syncBuiltinESMExports();
for (const name of ["Module", "compile", "instantiate"])
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct: (...call) => (compiled.push(name), Reflect.construct(...call)),
    apply: (...call) => (compiled.push(name), Reflect.apply(...call)),
  });
const listeners = () => process.eventNames().filter((name) => typeof name === "string");

const before = listeners();
const globals = Object.getOwnPropertyNames(globalThis);
await import(voxshard);
await soon(1);
const { sharedObjects, workers } = process.report.getReport();
const found = {
  gc: [typeof globalThis.gc, runInNewContext("typeof gc")],
  addons: sharedObjects.filter((path) => path.endsWith(".node")),
  threads: workers.length,
  open: process.getActiveResourcesInfo(),
  listeners: listeners().filter((name) => !before.includes(name)),
  globals: Object.getOwnPropertyNames(globalThis).filter((name) => !globals.includes(name) && !name.startsWith("__zod_")),
  files,
  compiled,
};
console.log(JSON.stringify(found));
`;

test("nothing happens when the library is imported", async () => {
  const library = new URL("../../src/index.js", import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script, library]);
  assert.deepEqual(JSON.parse(stdout), {
    gc: ["undefined", "undefined"],
    // sharp's among them.
    addons: [],
    threads: 0,
    open: [],
    listeners: [],
    globals: [],
    files: [],
    compiled: [],
  });
});
