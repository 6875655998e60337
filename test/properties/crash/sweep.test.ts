import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, readdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { sweepTemporaries, temporaryName } from "../../../src/files/temporary-files.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

test("temporary files of dead processes are swept, those of the living and of other hosts stay", async () => {
  const folder = temporaryFolder("sweep");
  const own = temporaryName("shard");
  const [, host, pid] = /\.tmp\.([^.]+)\.(\d+)-/.exec(own)!;
  const dead = spawnSync("true").pid;
  const elsewhere = own.replace(`.tmp.${host}.`, ".tmp.elsewhere.");
  const stay = [own, elsewhere, "notes.tmp", "shard.parquet"];
  const go = [own.replace(`.${pid}-`, `.${dead}-`), elsewhere.replace(/\w+$/, "old")];
  // The number of a living process that started at another time: its owner is dead, and the number was given again.
  if (existsSync("/proc/self/stat")) go.push(own.replace(/-\d+\./, "-1."));
  for (const name of [...stay, ...go]) await writeFile(path.join(folder, name), "");
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600;
  await utimes(path.join(folder, go[1]!), twoDaysAgo, twoDaysAgo);
  await sweepTemporaries(folder);
  assert.deepEqual((await readdir(folder)).sort(), stay.sort());
});

test("what cannot be removed is no fault of a sweep", async () => {
  const folder = temporaryFolder("sweep-denied");
  const left = temporaryName("shard").replace(`.${process.pid}-`, `.${spawnSync("true").pid}-`);
  await writeFile(path.join(folder, left), "");
  await chmod(folder, 0o555);
  const module = new URL("../../../src/files/temporary-files.js", import.meta.url).href;
  const line = `(await import("${module}")).sweepTemporaries("${folder}").then(() => console.log("swept"))`;
  // Root can remove anything.
  const other = process.geteuid?.() === 0 ? { uid: 65_534 } : {};
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", line], {
    encoding: "utf8",
    ...other,
  });
  assert.equal(stdout, "swept\n", stderr);
  assert.deepEqual(await readdir(folder), [left]);
  await chmod(folder, 0o755);
});
