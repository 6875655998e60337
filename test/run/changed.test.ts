import assert from "node:assert/strict";
import { mkdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { writeZip } from "../../devkit/phantoms/zip-writer.ts";
import { convert } from "../../src/run/convert.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import { workers } from "../../src/workers/workers.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const home = temporaryFolder("changed");
process.env["VOXSHARD_CACHE"] = path.join(home, "cache");

/** Without compression, so that other pixels are as many bytes. */
function slice(gray: number): Promise<Buffer> {
  const pixels = Buffer.from(Array.from({ length: 64 }, (_, at) => (at * 3 + gray) % 251));
  return sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } })
    .toColourspace("b-w")
    .png({ compressionLevel: 0 })
    .toBuffer();
}

/** More entries than the last 64 KiB of a ZIP tell of; `gray` is of one slice of the first case. */
async function files(gray: number): Promise<{ name: string; data: Buffer }[]> {
  const usual = await slice(1);
  const all = Array.from({ length: 12 }, (_, nth) => `00000${nth}`.slice(-6)).flatMap((id) => [
    { name: `${id}/text.txt`, data: Buffer.from("study_findings: a lesion in the liver") },
    ...Array.from({ length: 100 }, (_, at) => ({ name: `${id}/Axial_non_contrast/${at}.png`, data: usual })),
  ]);
  all[5] = { ...all[5]!, data: await slice(gray) };
  return all;
}

async function tree(folder: string, gray: number): Promise<void> {
  for (const { name, data } of await files(gray)) {
    const file = path.join(folder, "ct_case", name);
    await mkdir(path.dirname(file), { recursive: true });
    const before = await readFile(file).catch(() => undefined);
    if (!before?.equals(data)) await writeFile(file, data);
  }
}

async function converted(folder: string, out: string): Promise<{ made: number; notes: string[]; shards: Buffer[] }> {
  const source = await openSource(folder);
  const executor = workers(1);
  const notes: string[] = [];
  try {
    const output = { volume: "native" as const, shardBytes: 60_000_000, preview: false };
    const { plan } = await planConversion(source, { selection: { unlisted: true }, output });
    const done = await convert(plan, source, { folder: out, executor, onNote: (line) => notes.push(line) });
    assert.ok(plan.shards.length > 2, `${plan.shards.length} shards`);
    const shards = await Promise.all(plan.shards.map((shard) => readFile(path.join(out, shard.path))));
    return { made: done.made, notes, shards };
  } finally {
    await executor.close();
    await source.close();
  }
}

const later = new Date(Date.now() + 60_000);
const layouts = {
  "a ZIP": {
    write: async (folder: string, gray: number) => {
      const entries = await files(gray);
      await mkdir(path.join(folder, "ct_case"), { recursive: true });
      await writeZip(path.join(folder, "ct_case", "ct_case_00.zip"), entries);
    },
    touch: (folder: string) => utimes(path.join(folder, "ct_case", "ct_case_00.zip"), later, later),
    // The CRCs tell that nothing changed.
    madeByTouch: 0,
  },
  "loose files": {
    write: tree,
    touch: (folder: string) => utimes(path.join(folder, "ct_case/000000/Axial_non_contrast/0.png"), later, later),
    madeByTouch: 1,
  },
};

for (const [name, { write, touch, madeByTouch }] of Object.entries(layouts))
  test(`${name} that changed behind its fingerprint is never mixed with what was made of it before`, async () => {
    const folder = path.join(home, name, "source");
    const out = path.join(home, name, "out");
    await write(folder, 1);
    const first = await converted(folder, out);
    assert.equal(first.made, first.shards.length);
    assert.equal((await converted(folder, out)).made, 0);
    await touch(folder);
    const touched = await converted(folder, out);
    assert.equal(touched.made, madeByTouch);
    assert.deepEqual(touched.shards, first.shards, "a copy with new times alone is no other source");

    await write(folder, 77);
    await touch(folder);
    const again = await converted(folder, out);
    assert.equal(again.made, 1);
    assert.match(again.notes.join(), /shards 0 are made anew/);
    assert.notDeepEqual(again.shards[0], first.shards[0]);
    await rm(path.join(home, "cache"), { recursive: true, force: true });
    const fresh = await converted(folder, path.join(home, name, "fresh"));
    assert.deepEqual(again.shards, fresh.shards);
  });
