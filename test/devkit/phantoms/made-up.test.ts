import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import yauzl from "yauzl";
import { madeUpRepo } from "../../../devkit/phantoms/made-up-repo.ts";

const SMALL = { archives: 3, membersPerArchive: 40, casesPerArchive: 3, series: 20 };

test("another reader finds what a made-up archive's directory says, and its slices are images", async () => {
  const repo = await madeUpRepo(SMALL);
  const files = await repo.list();
  let [members, series] = [0, 0];
  for (const { path, size } of files.filter(({ path }) => path.endsWith(".zip"))) {
    const bytes = await buffer(repo.read(path, 0, size));
    assert.equal(bytes.length, size);
    const zip = await yauzl.fromBufferPromise(bytes);
    for await (const entry of zip.eachEntry()) {
      const data = await buffer(await zip.openReadStreamPromise(entry));
      assert.deepEqual([data.length, crc32(data)], [entry.uncompressedSize, entry.crc32], entry.fileName);
      members += 1;
      if (entry.fileName.endsWith("/0.jpeg")) series += 1;
      if (entry.fileName.endsWith(".jpeg")) assert.equal((await sharp(data).raw().toBuffer()).length % (64 * 64), 0);
    }
  }
  assert.deepEqual([members, series], [120, 20]);
});

test("any range of a made-up archive is the same bytes", async () => {
  const repo = await madeUpRepo(SMALL);
  const { path, size } = (await repo.list())[0]!;
  const whole = await buffer(repo.read(path, 0, size));
  for (const [start, end] of [
    [0, 1],
    [29, 300_000],
    [size - 5000, size - 10],
    [size - 200_000, size],
    [77, 77],
  ] as const)
    assert.deepEqual(await buffer(repo.read(path, start, end)), whole.subarray(start, end));
});
