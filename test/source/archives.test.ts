import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";
import tar from "tar-stream";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { zipBuffer } from "../../devkit/phantoms/zip-writer.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { readAll } from "../../src/bytes/byte-source.ts";
import { directoryOf } from "../../src/catalogue/directories.ts";
import { isFault } from "../../src/errors.ts";
import { archivesOf, MAX_LOOKED_AT } from "../../src/source/archives.ts";
import type { Source } from "../../src/source/source.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const MEMBER = "ct_case/000101/Axial/0.jpeg";
const zipped = zipBuffer([{ name: MEMBER, data: "slice" }]);
const tarred = await packed();
const gzipped = gzipSync(tarred);
const pointer = Buffer.from(
  `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 2147483648\n`,
);

async function packed(): Promise<Buffer> {
  const packer = tar.pack();
  packer.entry({ name: `./${MEMBER}` }, "slice");
  packer.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of packer) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

const folder = temporaryFolder("archives");
before(async () => {
  process.env["VOXSHARD_CACHE"] = folder;
});
/** Each source has its own revision, and so its own cache. */
let revision = 0;

function listed(files: Readonly<Record<string, Uint8Array>>) {
  return Object.entries(files).map(([path, data]) => {
    const bytes = memorySource(path, data);
    return { path, byteLength: data.byteLength, contentId: path, bytes };
  });
}

type Files = Readonly<Record<string, Uint8Array>>;
/** What each archive of these files holds, or what its opening says. */
async function opened(files: Files): Promise<Record<string, string>> {
  const { archives } = await archivesOf(listed(files), { contentId: "" });
  const source = { name: "a", revision: `${++revision}` } as Source;
  const found: Record<string, string> = {};
  for (const archive of archives)
    try {
      const { directory } = await directoryOf(source, archive);
      const paths: string[] = [];
      // Read by what the archive is once it is open.
      for (const member of allMembers(directory)) {
        const extent = await readAll(archive.bytes, member);
        assert.equal(Buffer.from(archive.format.extract(member, extent) as Uint8Array).toString(), "slice");
        paths.push(member.path);
      }
      found[archive.path] = paths.join();
    } catch (error) {
      if (!isFault(error, "bad-archive")) throw error;
      found[archive.path] = error.message;
    }
  return found;
}

/** The bytes cut into `count` pieces. */
const cut = (bytes: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, at) =>
    bytes.subarray(Math.floor((bytes.length * at) / count), Math.floor((bytes.length * (at + 1)) / count)),
  );
const pieces = (bytes: Uint8Array, names: readonly string[]): Files =>
  Object.fromEntries(cut(bytes, names.length).map((piece, at) => [names[at]!, piece]));

test("a name in any case tells the kind", async () => {
  for (const [name, bytes] of [
    ["A.ZIP", zipped],
    ["a.Zip", zipped],
    ["a.Tar", tarred],
    ["a.TGZ", gzipped],
    ["a.tar.GZ", gzipped],
  ] as const)
    assert.deepEqual(await opened({ [name]: bytes }), { [name]: MEMBER });
});

test("content decides where the name says nothing or says wrong", async () => {
  const contents = { zip: zipped, tar: tarred, "tar.gz": gzipped };
  for (const name of ["a.zip", "a.tar", "a.tgz", "a.tar.gz", "ct_case_00", "ct_case_00.bin", "download.dat"])
    for (const [kind, bytes] of Object.entries(contents))
      assert.deepEqual(await opened({ [name]: bytes }), { [name]: MEMBER }, `${name} is a ${kind}`);
});

test("a misnamed archive is cached as what it is", async () => {
  const source = { name: "a", revision: "misnamed" } as Source;
  const read = async () => {
    const {
      archives: [archive],
    } = await archivesOf(listed({ "a.zip": gzipped }), { contentId: "" });
    return [(await directoryOf(source, archive!)).cached, archive!.format.name];
  };
  assert.deepEqual(
    [await read(), await read()],
    [
      [false, "tar.gz"],
      [true, "tar.gz"],
    ],
  );
});

test("a plain archive costs no read for its kind, and a file that is known to be none is not looked at", async () => {
  const list = listed({ "a.zip": zipped, "b.tar.gz": gzipped, README: pointer, "a.npy": zipped, ".git/x": zipped });
  const { archives } = await archivesOf(list, { contentId: "" });
  assert.deepEqual(
    archives.map(({ path }) => path),
    ["a.zip", "b.tar.gz"],
  );
  await directoryOf({ name: "a", revision: `${++revision}` } as Source, archives[0]!);
  assert.deepEqual(
    list.map(({ bytes }) => bytes.reads.count),
    [1, 0, 0, 0, 0],
  );
});

test("of files whose names say nothing so many are looked at, the largest first", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 2 * MAX_LOOKED_AT }, (_, at) => [`scan${at}x`, new Uint8Array(10)]),
  );
  const list = listed({ ...many, last: zipped });
  const { archives } = await archivesOf(list, { contentId: "" });
  assert.deepEqual(
    archives.map(({ path }) => path),
    ["last"],
  );
  assert.equal(
    list.reduce((sum, { bytes }) => sum + bytes.reads.count, 0),
    MAX_LOOKED_AT,
  );
});

const instead: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["an LFS pointer", pointer, /: a Git LFS pointer.*git lfs pull$/],
  ["an HTML page", Buffer.from("\n<!DOCTYPE html><html><body>404"), /: an HTML page/],
  ["a page behind a byte-order mark", Buffer.from("\ufeff<html>"), /: an HTML page/],
  ["an XML answer", Buffer.from('<?xml version="1.0"?><Error><Code>AccessDenied'), /: an XML document/],
  ["a JSON answer", Buffer.from('{"error":"Repository not found"}'), /: JSON text/],
  ["nothing", new Uint8Array(), /: an empty file/],
  ["xz", Buffer.from("fd377a585a000004", "hex"), /: an xz archive, which is not read/],
  ["bzip2", Buffer.from("BZh91AY&SY...."), /: a bzip2 archive/],
  ["7z", Buffer.from("377abcaf271c0004", "hex"), /: a 7z archive/],
  ["RAR", Buffer.from("526172211a0700", "hex"), /: a RAR archive/],
  ["Zstandard", Buffer.from("28b52ffd0458", "hex"), /: a Zstandard archive/],
  ["gzip of a text", gzipSync("just text"), /: a gzip file without a tar/],
];
for (const [what, bytes, expected] of instead)
  test(`${what} in an archive's place is called what it is`, async () => {
    for (const name of ["a.zip", "a.tar", "a.tar.gz"]) {
      const found = await opened({ [name]: bytes });
      assert.match(found[name]!, expected, name);
      assert.match(found[name]!, new RegExp(`^${name}: `));
    }
  });

test("kinds that are not read are named by their names, without a look", async () => {
  const names = [
    "a.7z",
    "a.rar",
    "a.tar.xz",
    "a.TXZ",
    "a.tar.bz2",
    "a.tbz2",
    "a.tar.zst",
    "a.xz",
    "b.7z.001",
    "b.tar.xz.partaa",
  ];
  const list = listed(Object.fromEntries(names.map((name) => [name, new Uint8Array(9)])));
  const { archives } = await archivesOf(list, { contentId: "" });
  assert.equal(archives.length, names.length);
  for (const archive of archives)
    await assert.rejects(
      async () => archive.format.directory(archive.bytes),
      (error) => isFault(error, "bad-archive") && /an? (7z|RAR|xz|bzip2|Zstandard) archive/.test(error.message),
    );
  assert.equal(
    list.reduce((sum, { bytes }) => sum + bytes.reads.count, 0),
    0,
  );
});

const complete: readonly (readonly [string, Files, string])[] = [
  ["7-Zip's volumes", pieces(zipped, ["a.zip.001", "a.zip.002", "a.zip.003"]), "a.zip"],
  ["upper case", pieces(zipped, ["A.ZIP.001", "A.ZIP.002"]), "A.ZIP"],
  ["letters", pieces(tarred, ["a.tar.aa", "a.tar.ab", "a.tar.ac"]), "a.tar"],
  ["part and letters", pieces(gzipped, ["a.tar.gz.partaa", "a.tar.gz.partab"]), "a.tar.gz"],
  [
    "part and numbers, more than nine",
    pieces(
      tarred,
      Array.from({ length: 11 }, (_, at) => `a.tar.part${at + 1}`),
    ),
    "a.tar",
  ],
  ["no kind in the name", pieces(gzipped, ["image_part_aa", "image_part_ab", "image_part_ac"]), "image_part_aa"],
  ["no kind, numbers", pieces(zipped, ["x/image.000", "x/image.001"]), "x/image.000"],
  ["letters up to zz", pieces(tarred, letters(676)), "a.tar"],
];
for (const [what, files, name] of complete)
  test(`pieces: ${what}`, async () => {
    assert.deepEqual(await opened(files), { [name]: MEMBER });
    const backwards = Object.fromEntries(Object.entries(files).reverse());
    assert.deepEqual(await opened(backwards), { [name]: MEMBER });
  });

function letters(count: number): string[] {
  const letter = (value: number) => String.fromCharCode(97 + value);
  return Array.from({ length: count }, (_, at) => `a.tar.${letter(Math.floor(at / 26))}${letter(at % 26)}`);
}

test("a missing piece is named", async () => {
  for (const [names, missing] of [
    [["a.zip.001", "a.zip.003"], "a.zip.002"],
    [["a.zip.002", "a.zip.003"], "a.zip.001"],
    [["a.tar.partaa", "a.tar.partac"], "a.tar.partab"],
    [["a.zip.002"], "a.zip.001"],
    [["a.tar.gz.part-00", "a.tar.gz.part-02"], "a.tar.gz.part-01"],
    [["image_part_aa", "image_part_ab", "image_part_am"], "image_part_ac"],
  ] as const) {
    const found = Object.entries(await opened(pieces(missing.startsWith("a.zip") ? zipped : gzipped, names)));
    assert.equal(found.length, 1);
    assert.ok(found[0]![1].includes(`${missing} is missing`), found[0]![1]);
  }
});

test("a spanned ZIP is one archive that is not read, by its last part", async () => {
  const last = Buffer.from(zipped);
  last.writeUInt16LE(2, last.length - 18);
  const found = await opened({ "a.z01": new Uint8Array(99), "a.z02": new Uint8Array(99), "a.zip": last });
  assert.deepEqual(Object.keys(found), ["a.zip"]);
  assert.match(found["a.zip"]!, /last part of a ZIP in several parts/);
});

test("pieces that are LFS pointers are called so, as one", async () => {
  assert.match((await opened({ image_part_aa: pointer, image_part_ab: pointer }))["image_part_aa"]!, /git lfs pull/);
});

test("files that merely look like pieces stay what they are", async () => {
  assert.deepEqual(
    await opened({ "a.tar.gz": gzipped, notes_ab: pointer.subarray(1), notes_aa: pointer.subarray(1) }),
    {
      "a.tar.gz": MEMBER,
    },
  );
  assert.deepEqual(Object.keys(await opened({ "a.zip": zipped, "a.zip.001": zipped })).sort(), ["a.zip", "a.zip.001"]);
});

test("a directory that its archive contradicts is not kept", async () => {
  const bytes = Buffer.from(zipped);
  bytes[bytes.lastIndexOf("Axial")]! ^= 1;
  const {
    archives: [archive],
  } = await archivesOf(listed({ "a.zip": bytes }), { contentId: "" });
  const { directory } = await directoryOf({ name: "lies", revision: "1" } as Source, archive!);
  assert.deepEqual(directory.refused.map(({ path }) => path).sort(), [MEMBER.replace("Axial", "@xial"), MEMBER].sort());
  assert.deepEqual(await readdir(path.join(folder, "lies")).catch(() => []), []);
});
