import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { MadeUpSlices } from "../../devkit/phantoms/made-up-slice.ts";
import { MadeUpZip } from "../../devkit/phantoms/made-up-zip.ts";
import type { Directory, Member } from "../../src/archive/archive-format.ts";
import { decodeDirectory, encodeDirectory } from "../../src/archive/directory-file.ts";
import { allMembers, inFolders, membersOf } from "../../src/archive/folders.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { readAll } from "../../src/bytes/byte-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const name = fc.oneof(
  fc.nat(30).map((number) => `${number}.jpeg`),
  fc.constantFrom(
    "00.jpeg",
    "1.PNG",
    "text.txt",
    "a\nb",
    'quo"te\\',
    "Pöschl 左",
    "\u0000",
    ".jpeg",
    "",
    "9999999999.png",
  ),
  fc.string({ maxLength: 5 }).map((text) => text.replaceAll("/", "_")),
);
const folder = fc.constantFrom("", "000001/a/", "000001/", "000002/Pö/", "x//y/");
const size = fc.oneof(fc.nat(100), fc.nat(2 ** 26));
const member = fc.record({
  path: fc.tuple(folder, name).map((parts) => parts.join("")),
  gap: fc.oneof(fc.constant(0), fc.nat(2 ** 40)),
  around: fc.oneof(fc.constant(30), fc.nat(5000)),
  storedBytes: size,
  byteLength: size,
  crc32: fc.oneof(fc.constant(-1), fc.nat(2 ** 32 - 1)),
  method: fc.constantFrom("store", "deflate"),
});
const members = fc.array(member, { maxLength: 40 }).map((drawn) => {
  let at = 0;
  return drawn.map(({ gap, around, ...rest }): Member => {
    const start = at + gap;
    at = start + rest.storedBytes + around;
    return { ...rest, method: rest.method as Member["method"], start, end: at };
  });
});
const refused = fc.array(
  fc.tuple(fc.string(), fc.string()).map(([path, reason]) => ({ path, reason })),
  { maxLength: 3 },
);
const identity = { path: "a.zip", contentId: "abc" };

test("members come out of their folders, and those out of the cache's file, as they went in", async () => {
  await fc.assert(
    fc.asyncProperty(members, refused, async (all, refused) => {
      const directory: Directory = { folders: inFolders(all, ["empty/"]), refused };
      assert.deepEqual(allMembers(directory), all);
      assert.deepEqual(directory.folders.find(({ path }) => path === "empty/")?.count, 0);
      const kept = await decodeDirectory(encodeDirectory(directory, identity), identity);
      assert.deepEqual(allMembers(kept), all);
      assert.deepEqual(kept.refused, refused);
      for (const [at, own] of kept.folders.entries()) {
        const packed = directory.folders[at]!;
        assert.deepEqual(
          { ...own, names: [...own.names], numbers: [...own.numbers] },
          { ...packed, names: [...packed.names], numbers: [...packed.numbers] },
        );
        const larger = membersOf(own).map(({ storedBytes, byteLength }) => Math.max(storedBytes, byteLength));
        assert.equal(own.count, larger.length);
        assert.equal(
          own.memoryBytes,
          larger.reduce((sum, bytes) => sum + bytes, 0),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("no byte of a cached directory can change unseen, and none is taken for another's", async () => {
  const directory = {
    folders: inFolders([
      { path: "1/a/0.png", start: 0, end: 90, storedBytes: 9, byteLength: 9, crc32: 7, method: "store" },
    ]),
    refused: [],
  };
  const whole = encodeDirectory(directory, identity);
  assert.equal((await decodeDirectory(whole, identity)).folders.length, 1);
  for (let at = 0; at < whole.byteLength; at++) {
    const changed = Uint8Array.from(whole, (byte, place) => (place === at ? byte ^ 1 : byte));
    await assert.rejects(decodeDirectory(changed, identity), Error, `byte ${at}`);
  }
  for (const other of [{ ...identity, contentId: "abd" }, { path: "a.zip" }])
    await assert.rejects(decodeDirectory(whole, other), /another archive/);
});

test("the directory of an archive of 150,000 members: two reads, its own bytes, 12 bytes a member in a table that others read", async () => {
  const series = Array.from({ length: 1500 }, (_, at) => ({
    prefix: `${String(at).padStart(6, "0")}/Axial/`,
    slices: 100,
  }));
  const archive = new MadeUpZip(series, await MadeUpSlices.create());
  assert.ok(archive.byteLength > 2 ** 33);
  const reads: number[] = [];
  const source = {
    name: "large.zip",
    byteLength: archive.byteLength,
    async *read({ start, end }: { start: number; end: number }) {
      reads.push(end - start);
      yield* archive.read(start, end);
    },
  };
  const directory = await zip.directory(source);
  assert.equal(reads.length, 2);
  const read = reads.reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(read <= 1.05 * archive.directoryBytes, `${read} bytes read for ${archive.directoryBytes}`);
  assert.equal(directory.folders.length, 1500);
  assert.ok(
    directory.folders.every(
      ({ isGapless, extension, names }) => isGapless && extension === ".jpeg" && names.byteLength === 0,
    ),
  );

  const bytes = encodeDirectory(directory, identity);
  assert.ok(bytes.byteLength <= 12 * archive.members, `${bytes.byteLength} bytes for ${archive.members} members`);
  const file = path.join(temporaryFolder("folders"), "directory.parquet");
  await writeFile(file, bytes);
  const database = await (await DuckDBInstance.create()).connect();
  const answer = await database.runAndReadAll(`select count(*), sum(count), max("end") from '${file}'`);
  assert.deepEqual(answer.getRows(), [[1500n, 150_000n, BigInt(archive.byteLength - archive.directoryBytes - 98)]]);

  // Beyond 4 GB and before: the checksums are right only if every number is.
  const kept = await decodeDirectory(bytes, identity);
  for (const at of [0, 700, 1499])
    for (const member of membersOf(kept.folders[at]!).slice(99)) {
      const content = zip.extract(member, await readAll(source, { start: member.start, end: member.end }));
      assert.ok(content instanceof Uint8Array, String(content));
    }
});

test("a folder whose members lie apart is one, whatever lies between them", () => {
  const paths = ["1/a/0.png", "1/b/0.png", "1/a/1.png", "1/b/1.png"];
  const all = paths.map(
    (path, at): Member => ({
      path,
      start: at * 10,
      end: at * 10 + 10,
      storedBytes: 1,
      byteLength: 1,
      crc32: at,
      method: "store",
    }),
  );
  const folders = inFolders(all);
  assert.deepEqual(
    folders.map(({ path, count, start, end, isGapless }) => [path, count, start, end, isGapless]),
    [
      ["1/a/", 2, 0, 30, false],
      ["1/b/", 2, 10, 40, false],
    ],
  );
  assert.deepEqual(allMembers({ folders }), all);
});
