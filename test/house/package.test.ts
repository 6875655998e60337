import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const seams = ["byte-source", "archive-format", "shard-format"];

type Manifest = {
  exports: Record<string, string | Record<string, string>>;
  bin: Record<string, string>;
  dependencies: object;
};

describe("the package as it is packed", () => {
  let files: string[];
  let exported: string[];
  let manifest: Manifest;
  let dependencies: string[];
  let home: string;
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), "package-"));
    // No scripts: they would build anew what is running here.
    const pack = ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline"];
    const [packed] = JSON.parse((await run("npm", pack, { maxBuffer: 1 << 26 })).stdout);
    files = packed.files.map((file: { path: string }) => file.path);
    manifest = JSON.parse(await readFile("package.json", "utf8"));
    dependencies = Object.keys(manifest.dependencies);
    exported = Object.values(manifest.exports).flatMap((target) =>
      typeof target === "string" ? [target] : Object.values(target),
    );
  });
  after(() => rm(home, { recursive: true, force: true }));

  test("what exports, bin and the README's links name is in it", async () => {
    const links = [...(await readFile("README.md", "utf8")).matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, to]) => to!);
    assert.ok(links.includes("COLUMNS.md"));
    const named = [...exported, ...Object.values(manifest.bin), ...links, "CHANGELOG.md"].map(path.posix.normalize);
    const missing = named.filter((name) => {
      const [start, end] = name.split("*") as [string, string?];
      return !files.some((file) => (end === undefined ? file === name : file.startsWith(start) && file.endsWith(end)));
    });
    assert.deepEqual(missing, []);
  });

  test("of the devkit it has what voxshard/testing comes to, and of tests, scripts and data nothing", async () => {
    const rooms = new Set(
      files.map((file) =>
        file
          .split("/")
          .slice(0, file.startsWith("dist/") ? 2 : 1)
          .join("/"),
      ),
    );
    const pages = ["CHANGELOG.md", "COLUMNS.md", "GUARANTEES.md", "README.md", "docs", "package.json"];
    assert.deepEqual([...rooms].sort(), [...pages, "dist/devkit", "dist/src", "dist/web", "schemas", "src"].sort());
    const reached = await imported("dist/devkit/testing.js");
    const scripts = files.filter((file) => file.startsWith("dist/devkit/") && file.endsWith(".js"));
    assert.deepEqual(scripts.sort(), reached.filter((file) => file.startsWith("dist/devkit/")).sort());
  });

  test("outside, with its dependencies alone, the seams' examples compile; the suites run", async () => {
    const modules = path.join(home, "node_modules");
    for (const file of files)
      await cp(file, path.join(modules, "voxshard", file), { recursive: true, dereference: true });
    for (const name of [...dependencies, "@types/node"]) {
      await mkdir(path.dirname(path.join(modules, name)), { recursive: true });
      await symlink(path.resolve("node_modules", name), path.join(modules, name));
    }
    for (const seam of seams) await cp(`scripts/examples/${seam}.ts`, path.join(home, `${seam}.mts`));
    const compiler = path.resolve("node_modules/typescript/bin/tsc");
    const flags = ["--strict", "--module", "nodenext", "--target", "es2023", "--types", "node"];
    await run(process.execPath, [compiler, ...flags, ...seams.map((seam) => `${seam}.mts`)], { cwd: home });
    for (const seam of ["byte-source", "archive-format"])
      assert.match((await outside(home, seam)).stdout, /^# pass [1-9]\d*\n# fail 0$/m, seam);
    // It alone needs fast-check, in one test; the peer is optional.
    const failed = await outside(home, "shard-format").catch((error: { stdout: string }) => error);
    assert.match(failed.stdout, /Cannot find package 'fast-check'[\s\S]*^# pass [1-9]\d*\n# fail 1$/m);
    await symlink(path.resolve("node_modules/fast-check"), path.join(modules, "fast-check"));
    assert.match((await outside(home, "shard-format")).stdout, /^# pass [1-9]\d*\n# fail 0$/m);
  });
});

/** Runs a seam's example; not as the test runner's child, which would report to it in its own way. */
function outside(cwd: string, seam: string) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return run(process.execPath, ["--test-reporter=tap", `${seam}.mjs`], { cwd, env });
}

/** A compiled file and all that it imports of this package, itself or through others. */
async function imported(file: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(file)) return [];
  seen.add(file);
  for (const [, target] of (await readFile(file, "utf8")).matchAll(/(?:from|import\() ?"(\.[^"]+)"/g))
    await imported(path.posix.join(path.posix.dirname(file), target!), seen);
  return [...seen];
}
