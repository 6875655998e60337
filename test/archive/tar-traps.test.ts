import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import tar from "tar-stream";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { noise } from "../../devkit/rows/rows.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { tarball } from "../../src/archive/tar/tar.ts";
import { readAll } from "../../src/bytes/byte-source.ts";
import { gunzipped } from "../../src/bytes/gunzipped.ts";
import { EtlError, isFault } from "../../src/errors.ts";

async function packed(headers: readonly (Partial<tar.Header> & { name: string; data?: string })[]): Promise<Buffer> {
  const packer = tar.pack();
  for (const { data, ...header } of headers) packer.entry(header, data ?? "");
  packer.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of packer) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

test("folders are folders; links and sparse files are refused alone, each with its reason", async () => {
  const bytes = await packed([
    { name: "./", type: "directory" },
    { name: "./000001/empty/", type: "directory" },
    { name: "000001/a/0.png", data: "slice" },
    { name: "000001/a/1.png", type: "symlink", linkname: "/etc/passwd" },
    { name: "000001/a/2.png", type: "link", linkname: "000001/a/0.png" },
    { name: "000001/a/3.png", pax: { "GNU.sparse.major": "1" }, data: "x" },
    { name: `${"000001/"}${"ü".repeat(120)}/4.png`, data: "long" },
  ]);
  const directory = await tarball.directory(memorySource("a.tar", bytes));
  assert.deepEqual(
    directory.folders.map(({ path, count }) => [path, count]),
    [
      ["000001/a/", 1],
      [`000001/${"ü".repeat(120)}/`, 1],
      ["000001/empty/", 0],
    ],
  );
  assert.deepEqual(
    directory.refused.map(({ path, reason }) => `${path}: ${reason}`),
    ["000001/a/1.png: a symlink, not a file", "000001/a/2.png: a link, not a file", "000001/a/3.png: a sparse file"],
  );
  assert.deepEqual(
    allMembers(directory).map(({ path }) => path),
    ["000001/a/0.png", `000001/${"ü".repeat(120)}/4.png`],
  );
});

test("WebDataset's keys are series, their texts reports; other texts keep their names", async () => {
  const names = ["ct_case/000001/Axial.0.jpeg", "ct_case/000001/Axial.txt", "ct_case/000001/notes.txt", "README.txt"];
  const bytes = await packed(names.map((name) => ({ name, data: name })));
  const directory = await tarball.directory(memorySource("w.tar", bytes));
  assert.deepEqual(
    allMembers(directory).map(({ path }) => path),
    ["ct_case/000001/Axial/0.jpeg", "ct_case/000001/text.txt", "ct_case/000001/notes.txt", "README.txt"],
  );
});

test("a tar cut short anywhere is refused, or is whole but for its padding", async () => {
  const whole = await packed([
    { name: "000001/a/0.png", data: "x".repeat(3000) },
    { name: "000001/text.txt", data: "t" },
  ]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (length) => {
      const source = memorySource("cut.tar", whole.subarray(0, length));
      try {
        for (const { end } of allMembers(await tarball.directory(source))) assert.ok(end <= length);
      } catch (error) {
        assert.ok(isFault(error, "bad-archive"), String(error));
      }
    }),
    { numRuns: 60 },
  );
});

test("no bytes at all make the reader fail otherwise than with a fault", async () => {
  const whole = await packed([
    { name: "000001/a/0.png", data: "x".repeat(600) },
    { name: "000001/text.txt", data: "t" },
  ]);
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(changes, fc.boolean(), async (list, zipped) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of list) bytes[at] = value;
      const packedBytes = zipped ? gzipSync(bytes).subarray(0, -list.length || undefined) : bytes;
      const source = memorySource("hostile.tar", packedBytes);
      await tarball.directory(zipped ? gunzipped(source) : source).catch((error) => {
        assert.ok(error instanceof EtlError, String(error));
      });
    }),
    { numRuns: 300 },
  );
});

test("unpacked bytes are read anywhere: onwards in the same stream, backwards from the start", async () => {
  const bytes = noise(300_000, 9);
  const inner = memorySource(
    "a.gz",
    Buffer.concat([gzipSync(bytes.subarray(0, 100_000)), gzipSync(bytes.subarray(100_000))]),
  );
  const source = gunzipped(inner);
  for (const [start, end] of [
    [10, 20],
    [20, 50_000],
    [99_000, 150_000],
    [150_000, 150_000],
    [299_999, 300_000],
  ] as const)
    assert.deepEqual(await readAll(source, { start, end }), bytes.slice(start, end));
  assert.equal(inner.reads.count, 1);
  assert.deepEqual(await readAll(source, { start: 0, end: 5 }), bytes.slice(0, 5));
  assert.equal(inner.reads.count, 2);
  await source.close?.();
});
