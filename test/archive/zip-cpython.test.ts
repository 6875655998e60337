import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { contents } from "../../devkit/conformance/archive-format.ts";
import { zipBuffer } from "../../devkit/phantoms/zip-writer.ts";
import { findPython } from "../../scripts/python.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { isFault } from "../../src/errors.ts";

const python = findPython(["zipfile"]);
const withPython = python ? {} : { skip: "no Python is there" };

/** What CPython's zipfile makes of each archive: its members' names and contents, and where extract() puts them on Windows. */
const SCRIPT = `
import json, ntpath, sys, zipfile
found = []
for file in sys.argv[1:]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = {}
            for info in archive.infolist():
                # ZipFile._extract_member as Windows has it, but for the names that it makes legal there.
                name = ntpath.splitdrive(info.filename.replace("/", "\\\\"))[1]
                name = "/".join(part for part in name.split("\\\\") if part not in ("", ".", ".."))
                members[name] = archive.read(info).decode("latin1")
            found.append(members)
    except (zipfile.BadZipFile, OSError) as error:
        found.append(None)
print(json.dumps(found))
`;

async function byCPython(archives: readonly Uint8Array[]): Promise<(Record<string, string> | null)[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "cpython-"));
  try {
    const files = archives.map((_, at) => path.join(folder, `${at}.zip`));
    for (const [at, bytes] of archives.entries()) await writeFile(files[at]!, bytes);
    const { stdout, stderr } = spawnSync(python!, ["-c", SCRIPT, ...files], { encoding: "utf8", maxBuffer: 1 << 28 });
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function byUs(bytes: Uint8Array): Promise<Record<string, string> | null> {
  const source = memorySource("a.zip", bytes);
  try {
    const found = await contents(zip, source, await zip.directory(source));
    return Object.fromEntries([...found].map(([name, content]) => [name, Buffer.from(content).toString("latin1")]));
  } catch (error) {
    if (isFault(error, "bad-archive")) return null;
    throw error;
  }
}

test("names in every spelling lie where CPython puts them on Windows", withPython, async () => {
  const names = [
    "./000001/a/0.png",
    "/000001/a/0.png",
    "C:\\data\\000001\\a\\0.png",
    "c:/data/000001/a/0.png",
    "C:000001/a/0.png",
    "000001\\a\\0.png",
    "000001\\a/0.png",
    "000001//a///0.png",
    "000001/./a/./0.png",
    ".\\.\\000001\\a\\0.png",
    "././000001/a/0.png",
    "000001/.hidden/0..png",
    "000001/a b:c/0.png",
    Buffer.from("000001/a\xff\x94\xe1\x80/0.png", "latin1"),
    "000001/Pöschl 左/0.png",
  ];
  const archives = names.map((name) => zipBuffer([{ name, data: "x" }]));
  const expected = await byCPython(archives);
  for (const [at, bytes] of archives.entries()) assert.deepEqual(await byUs(bytes), expected[at], String(names[at]));
  assert.equal(Object.keys(expected[13]!)[0], "000001/a\u00a0ößÇ/0.png");
});

test("a step upwards stays in the name, for nobody to follow", async () => {
  for (const name of ["../000001/a/0.png", "..\\000001\\a\\0.png", "C:\\..\\000001\\a\\0.png"]) {
    const { folders } = await zip.directory(memorySource("a.zip", zipBuffer([{ name, data: "x" }])));
    assert.deepEqual(
      allMembers({ folders }).map((member) => member.path),
      ["../000001/a/0.png"],
    );
  }
});

test("junk behind the end record is passed over as far as CPython passes it over", withPython, async () => {
  const plain = zipBuffer([{ name: "000001/a/0.png", data: "x" }]);
  const large = zipBuffer([{ name: "000001/a/0.png", data: "x" }], { zip64: true, comment: "a comment" });
  const noise = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7919) % 251));
  const archives = [plain, large].flatMap((bytes) =>
    [1, 60, 22, 21, 4096, 65_535, 65_536 - 9].map((length) => Buffer.concat([bytes, noise.subarray(0, length)])),
  );
  archives.push(Buffer.concat([plain, noise.subarray(0, 65_536)]), Buffer.concat([plain, noise.subarray(0, 65_537)]));
  archives.push(Buffer.concat([plain, Buffer.alloc(512)]), Buffer.concat([zipBuffer([]), noise.subarray(0, 30)]));
  const expected = await byCPython(archives);
  for (const [at, bytes] of archives.entries()) assert.deepEqual(await byUs(bytes), expected[at], `archive ${at}`);
  assert.deepEqual(
    [...expected.entries()].filter(([, found]) => found === null).map(([at]) => at),
    [12, 15],
  );
});
