import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { fromBufferPromise, openPromise } from "yauzl";
import { writePhantomRepo } from "../../../devkit/phantoms/phantom-repo.ts";
import { writeZip, type ZipEntry, zipBuffer } from "../../../devkit/phantoms/zip-writer.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const dir = temporaryFolder("phantoms");

const samples: ZipEntry[] = [
  { name: "000006/Axial_Pöschl/0.jpeg", data: "not a JPEG" },
  { name: "000006/text.txt", data: "report ".repeat(100), method: "deflate", descriptor: true },
  { name: "empty", data: "" },
];

/** Python's zipfile is the other opinion; without Python there is none. */
function pythonReads(file: string, script: string): string | undefined {
  const python = spawnSync("python3", ["-c", `import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\n${script}`, file], {
    encoding: "utf8",
  });
  if (python.error) return undefined;
  assert.equal(python.status, 0, python.stderr);
  return python.stdout.trim();
}

async function yauzlReads(archive: Buffer | string): Promise<[string, number][]> {
  const zip = typeof archive === "string" ? await openPromise(archive) : await fromBufferPromise(archive);
  const found: [string, number][] = [];
  for await (const entry of zip.eachEntry()) {
    let bytes = 0;
    const lies = entry.fileName === "hole";
    if (!lies) for await (const chunk of await zip.openReadStreamPromise(entry)) bytes += chunk.length;
    found.push([entry.fileName, lies ? entry.uncompressedSize : bytes]);
  }
  return found;
}

const expected: [string, number][] = [
  ["000006/Axial_Pöschl/0.jpeg", 10],
  ["000006/text.txt", 700],
  ["empty", 0],
];

for (const zip64 of [false, true]) {
  test(`other readers agree with what is written${zip64 ? ", in ZIP64 too" : ""}`, async () => {
    const buffer = zipBuffer(samples, { zip64, comment: "a comment" });
    assert.deepEqual(await yauzlReads(buffer), expected);
    const file = path.join(dir, `zip64-${zip64}.zip`);
    assert.equal(await writeZip(file, samples, { zip64, comment: "a comment" }), buffer.length);
    assert.deepEqual(await readFile(file), buffer);
    const told = pythonReads(
      file,
      "assert z.testzip() is None\nfor i in z.infolist(): print(i.filename.encode(), i.file_size)",
    );
    if (told !== undefined)
      assert.match(told, /^b'000006\/Axial_P\\xc3\\xb6schl\/0\.jpeg' 10\nb'000006\/text.txt' 700\nb'empty' 0$/);
  });
}

test("an archive of 5 GB with a hole in it takes up next to nothing", async () => {
  const file = path.join(dir, "sparse.zip");
  const entries = [...samples, { name: "hole", hole: 4.5e9 }, { name: "after", data: "x", gapBefore: 1000 }];
  await writeZip(file, entries, { sparseGapBytes: 5e8 });
  const { size, blocks } = await stat(file);
  assert.ok(size > 5e9 && blocks * 512 < 1e6);
  assert.deepEqual(await yauzlReads(file), [...expected, ["hole", 4.5e9], ["after", 1]]);
  const told = pythonReads(file, "print(z.read('after').decode(), z.getinfo('hole').file_size)");
  if (told !== undefined) assert.equal(told, "x 4500000000");
});

test("names are written as the bytes they are given as, and lies are told", () => {
  const [raw, lie] = [Buffer.from([0x50, 0xf6]), { name: "a", localName: "b", data: "abc", crc: 1, size: 9, flags: 1 }];
  const buffer = zipBuffer([{ name: raw, data: "" }, lie]);
  const directory = buffer.indexOf("PK\x01\x02");
  assert.equal(buffer.readUInt16LE(directory + 8), 0);
  assert.deepEqual(buffer.subarray(directory + 46, directory + 48), raw);
  const second = buffer.indexOf("PK\x01\x02", directory + 4);
  assert.deepEqual(
    [buffer.readUInt16LE(second + 8), buffer.readUInt32LE(second + 16), buffer.readUInt32LE(second + 24)],
    [1, 1, 9],
  );
});

test("a phantom repository is laid out like M3D-Cap, and the same for the same seed", async () => {
  const [one, two] = [path.join(dir, "one"), path.join(dir, "two")];
  const small = { slices: 6, height: 40, width: 48, pad: 1e9, unlisted: 1 };
  const series = await writePhantomRepo(one, small);
  await writePhantomRepo(two, { ...small, pad: 0 });
  assert.equal(series.length, 24);
  const archive = path.join(one, "M3D_Cap/ct_case/ct_case_00.zip");
  assert.ok((await stat(archive)).size > 1e9);
  assert.ok((await stat(archive)).blocks * 512 < 1e6);
  const names = (await yauzlReads(archive)).map(([name]) => name);
  assert.deepEqual(names.slice(0, 2), [
    "000006/Axial_C__portal_venous_phase/0.jpeg",
    "000006/Axial_C__portal_venous_phase/1.jpeg",
  ]);
  assert.ok(names.includes("000006/Axial_Pöschl/0.jpeg") && names.includes("000006/text.txt"));
  assert.deepEqual(
    names,
    (await yauzlReads(path.join(two, "M3D_Cap/ct_case/ct_case_00.zip"))).map(([name]) => name),
  );
  const [json, again] = [
    await readFile(path.join(one, "M3D_Cap/M3D_Cap.json")),
    await readFile(path.join(two, "M3D_Cap/M3D_Cap.json")),
  ];
  assert.deepEqual(json, again);
  const lists = JSON.parse(json.toString()) as Record<string, { image: string }[]>;
  const counts = Object.entries(lists).map(([name, rows]) => [name, rows.length]);
  assert.deepEqual(counts, [
    ["train", 12],
    ["validation", 3],
    ["test", 8],
    ["test100", 2],
    ["test500", 4],
    ["test1k", 6],
  ]);
});

test("slices are gray images on air that is black, and differ from each other", async () => {
  const folder = path.join(dir, "pixels");
  await writePhantomRepo(folder, { archives: 3, casesPerArchive: 1, seriesPerCase: 3, slices: 8 });
  const zip = await openPromise(path.join(folder, "M3D_Cap/ct_quizze/ct_quizze_00.zip"));
  const pixels: Buffer[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith(".png")) continue;
    const parts = await (await zip.openReadStreamPromise(entry)).toArray();
    const image = sharp(Buffer.concat(parts));
    const { width, height, channels } = await image.metadata();
    assert.deepEqual([width, height, channels], [160, 144, 1]);
    pixels.push(await image.toColourspace("b-w").raw().toBuffer());
  }
  assert.ok(pixels[0]![0] === 0 && pixels[3]!.some((value) => value > 150));
  assert.notDeepEqual(pixels[2], pixels[3]);
});
