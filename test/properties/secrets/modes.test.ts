import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { memoryContent, startHub } from "../../../devkit/hub/hub.ts";
import { zipBuffer } from "../../../devkit/phantoms/zip-writer.ts";
import { cacheFile, cacheFolder } from "../../../src/files/cache-folder.ts";
import { cli, voxshard } from "../../command.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { series } from "../hostile/attack.ts";

const folder = temporaryFolder("modes");
const hub = await startHub({
  repos: [{ id: "a/b", content: memoryContent({ "ct_case_00.zip": zipBuffer(series("000001/good")) }) }],
});
after(() => hub.close());
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

for (const umask of ["077", "022"])
  test(`under umask ${umask} all folders and files of output and cache have the rights that it leaves`, async () => {
    for (const format of ["parquet", "arrow"]) {
      const out = path.join(folder, `out-${format}-${umask}`);
      const env = { ...process.env, HF_ENDPOINT: hub.endpoint, VOXSHARD_CACHE: path.join(folder, `cache-${umask}`) };
      const args = [cli, "convert", "a/b", "--unlisted", "--out", out, "--format", format, "--quiet"];
      await promisify(execFile)("sh", ["-c", 'umask $0; exec "$@"', umask, process.execPath, ...args], { env });
    }
    let files = 0;
    for (const root of [`out-parquet-${umask}`, `out-arrow-${umask}`, `cache-${umask}`]) {
      const entries = await readdir(path.join(folder, root), { recursive: true, withFileTypes: true });
      for (const entry of entries) {
        const wanted = (entry.isDirectory() ? 0o777 : 0o666) & ~Number.parseInt(umask, 8);
        assert.equal(await modeOf(path.join(entry.parentPath, entry.name)), wanted, entry.name);
        if (entry.isFile()) files += 1;
      }
    }
    assert.ok(files >= 11, `${files} files`);
  });

test("a cache that others can write to, or that is another's, is not used, and the command says so", async () => {
  const cache = path.join(folder, "cache");
  const env = { HF_ENDPOINT: hub.endpoint, VOXSHARD_CACHE: cache };
  const index = async () => {
    const { code, stdout, stderr } = await voxshard(["index", "a/b", "--json"], env);
    assert.equal(code, 0, stderr);
    return { read: (JSON.parse(stdout) as { read: number }).read, warned: /other users can write there/.test(stderr) };
  };
  assert.deepEqual(await index(), { read: 1, warned: false });
  assert.deepEqual(await index(), { read: 0, warned: false });
  const [commit] = await readdir(path.join(cache, "a--b"));
  const inside = path.join(cache, "a--b", commit!);
  for (const place of [cache, path.join(cache, "a--b"), inside]) {
    await chmod(place, 0o777);
    assert.deepEqual(await index(), { read: 1, warned: true }, place);
    await chmod(place, 0o755);
    assert.deepEqual(await index(), { read: 0, warned: false }, place);
  }
  if (process.geteuid?.() !== 0) return;
  await chown(inside, 65_534, 65_534);
  assert.deepEqual(await index(), { read: 1, warned: true });
});

test("no name of a source or an archive leads out of the cache, or is too long for a file", async () => {
  await mkdir(path.join(folder, "names"));
  process.env["VOXSHARD_CACHE"] = path.join(folder, "names");
  for (const name of ["..", ".", "../..", "/", "a\0b", "x".repeat(5000), "ü".repeat(300), "CON\u001b"]) {
    const file = cacheFile(cacheFolder(name, "rev"), `${name}/${name}.zip`);
    assert.match(path.relative(path.join(folder, "names"), file), /^[\w.-]{1,255}\/rev\/[\w.-]{1,255}$/);
    assert.doesNotMatch(path.relative(path.join(folder, "names"), file), /^\.\.?\//);
  }
});
