import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { contents } from "../../devkit/conformance/archive-format.ts";
import { type ZipEntry, zipBuffer } from "../../devkit/phantoms/zip-writer.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { MAX_DIRECTORY_BYTES, MAX_MEMBER_BYTES } from "../../src/archive/limits.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import type { ByteSource } from "../../src/bytes/byte-source.ts";
import { isFault } from "../../src/errors.ts";

const data = new TextEncoder().encode("the bytes of a slice");
const good: ZipEntry = { name: "000001/a/0.png", data };
const last: ZipEntry = { name: "000001/a/9.png", data };

async function read(bytes: Uint8Array) {
  const source = memorySource("trap.zip", bytes);
  const directory = await zip.directory(source);
  const found = await contents(zip, source, directory);
  const answers = [...found].map(([path, content]) => [path, typeof content === "string" ? content : "ok"]);
  return {
    ...Object.fromEntries(answers),
    ...Object.fromEntries(directory.refused.map(({ path, reason }) => [path, reason])),
  };
}

const around = (entry: ZipEntry) => zipBuffer([good, entry, last]);
const BAD = "000001/a/1.png";
const bad = (lies: Partial<ZipEntry>): ZipEntry => ({ name: BAD, data, ...lies });

/** One bad entry between two good ones: what becomes of it. The good ones must come out whole each time. */
const members: readonly (readonly [string, ZipEntry, string | RegExp])[] = [
  ["a wrong CRC-32", bad({ crc: 1 }), "crc-mismatch"],
  ["an encrypted entry", bad({ flags: 1 }), "encrypted"],
  ["a strongly encrypted entry", bad({ flags: 0x40 }), "encrypted"],
  ["deflate64", bad({ methodNumber: 9 }), /method 9/],
  ["lzma", bad({ methodNumber: 14 }), /method 14/],
  ["zstd", bad({ methodNumber: 93 }), /method 93/],
  [
    "a bomb: small by its word, large in truth",
    bad({ data: new Uint8Array(20 << 20), method: "deflate", size: 1000 }),
    "bad-member",
  ],
  ["more declared than there is", bad({ method: "deflate", size: 5000 }), "bad-member"],
  ["stored with two sizes", bad({ size: 5 }), /two sizes differ/],
  ["a size beyond the limit", bad({ method: "deflate", size: MAX_MEMBER_BYTES + 1 }), /larger than/],
  ["a place outside the archive", bad({ offset: 1 << 30 }), /outside/],
  ["a length past the directory", bad({ compressedSize: 60_000, size: 60_000 }), /outside|overlaps/],
  ["another method in the local header", bad({ localName: BAD, offset: 0, methodNumber: 8 }), /overlaps|bad-member/],
  ["no local header where it should be", bad({ offset: 40 }), /overlaps|bad-member/],
];
for (const [name, entry, expected] of members)
  test(`${name} is refused alone`, async () => {
    const found: Record<string, string> = await read(around(entry));
    assert.match(found[BAD]!, expected instanceof RegExp ? expected : new RegExp(`^${expected}$`));
    assert.equal(found["000001/a/9.png"], "ok");
    if (entry.offset === undefined) assert.equal(found["000001/a/0.png"], "ok");
  });

test("two entries over one local header: a bomb of overlaps is refused, what stands alone is read", async () => {
  const found: Record<string, string> = await read(zipBuffer([good, bad({ offset: 0 }), last]));
  assert.deepEqual(Object.values(found), ["ok", "overlaps another entry", "overlaps another entry"]);
});

const fine: readonly (readonly [string, () => Uint8Array, string])[] = [
  ["a local header with a longer extra field", () => around(bad({ localExtra: extra(0x9999, 600) })), BAD],
  ["a data descriptor after a deflated member", () => around(bad({ descriptor: true, method: "deflate" })), BAD],
  [
    "a false end record inside the comment",
    () => zipBuffer([good], { comment: `PK\u0005\u0006${"\0".repeat(40)}` }),
    "000001/a/0.png",
  ],
  [
    "ZIP64 fields where none are needed",
    () => zipBuffer([{ ...good, zip64: true }], { zip64: true, comment: "c" }),
    "000001/a/0.png",
  ],
  [
    "names in code page 437",
    () => around({ name: Buffer.from("000001/P\x94schl/1.png", "latin1"), data }),
    "000001/Pöschl/1.png",
  ],
  [
    "a Unicode path of this name",
    () => around({ name: "000001/P?/1.png", data, extra: unicodePath("000001/P?/1.png", "000001/Pö/1.png") }),
    "000001/Pö/1.png",
  ],
  [
    "a Unicode path of another name",
    () => around({ name: "000001/P/1.png", data, extra: unicodePath("else", "000001/Pö/1.png") }),
    "000001/P/1.png",
  ],
  ["more than 65,535 entries counted modulo 65,536", many, "000001/a/69999.png"],
];
for (const [name, bytes, path] of fine)
  test(`${name}: read as it was meant`, async () => {
    const found: Record<string, string> = await read(bytes());
    assert.equal(found[path], "ok");
  });

test("a name twice is two members, for the caller to judge", async () => {
  const directory = await zip.directory(memorySource("twice.zip", zipBuffer([good, good])));
  assert.deepEqual(
    allMembers(directory).map(({ path }) => path),
    [good.name, good.name],
  );
});

/** Archives that cannot be trusted as a whole. */
const archives: readonly (readonly [string, () => Uint8Array])[] = [
  ["an empty file", () => new Uint8Array()],
  ["no archive at all", () => new Uint8Array(5000).fill(80)],
  ["an archive cut short", () => zipBuffer([good, last]).subarray(0, -30)],
  ["more than 64 KiB after the end record", () => Buffer.concat([zipBuffer([good]), Buffer.alloc(65_537)])],
  ["a part of a larger archive", () => patchedEnd((end) => end.writeUInt16LE(1, 4))],
  ["a directory on another disk", () => patchedEnd((end) => end.writeUInt16LE(1, 6))],
  ["a directory outside the file", () => patchedEnd((end) => end.writeUInt32LE(1 << 30, 12))],
  ["a directory that starts behind itself", () => patchedEnd((end) => end.writeUInt32LE(1 << 30, 16))],
  ["a directory of other bytes", () => patchedEnd((end) => end.writeUInt32LE(end.readUInt32LE(12) - 3, 12))],
  ["too many entries announced", () => patchedEnd((end) => end.writeUInt16LE(9, 10))],
  ["too few entries announced", () => patchedEnd((end) => end.writeUInt16LE(1, 10))],
  ["2^40 entries announced in ZIP64", () => patchedEnd64((end) => end.writeBigUInt64LE(1n << 40n, 32))],
  ["a ZIP64 end record that is not there", () => patchedEnd64((end) => end.writeUInt32LE(0, 0))],
];
for (const [name, bytes] of archives)
  test(`${name}: refused in one line that names the file`, async () => {
    await assert.rejects(
      zip.directory(memorySource("trap.zip", bytes())),
      (error) => isFault(error, "bad-archive") && /^trap\.zip: [^\n]+$/.test(error.message),
    );
  });

test("a directory beyond the limit is not read", async () => {
  const bytes = patchedEnd64((end) => end.writeBigUInt64LE(BigInt(MAX_DIRECTORY_BYTES + 1), 40));
  const far = 2 ** 40 - bytes.byteLength;
  const inner = memorySource("large.zip", bytes);
  // A terabyte of which only the end is there.
  const source: ByteSource = {
    name: "large.zip",
    byteLength: 2 ** 40,
    async *read({ start, end }) {
      yield new Uint8Array(Math.max(0, far - start));
      yield* inner.read({ start: Math.max(0, start - far), end: end - far });
    },
  };
  await assert.rejects(
    zip.directory(source),
    (error) => isFault(error, "bad-archive") && /more than/.test(error.message),
  );
});

test("the directory costs one read where it lies in the tail", async () => {
  const source = memorySource("small.zip", zipBuffer([good, last]));
  await zip.directory(source);
  assert.equal(source.reads.count, 1);
});

function extra(id: number, length: number): Uint8Array {
  const field = Buffer.alloc(4 + length);
  field.writeUInt16LE(id, 0);
  field.writeUInt16LE(length, 2);
  return field;
}

function unicodePath(of: string, name: string): Uint8Array {
  const text = Buffer.from(name);
  const field = Buffer.alloc(9 + text.length);
  field.writeUInt16LE(0x7075, 0);
  field.writeUInt16LE(5 + text.length, 2);
  field.writeUInt8(1, 4);
  field.writeUInt32LE(crc32(of), 5);
  text.copy(field, 9);
  return field;
}

/** 70,000 entries under a plain end record, as some tools write them. */
function many(): Uint8Array {
  const bytes = zipBuffer(Array.from({ length: 70_000 }, (_, at) => ({ name: `000001/a/${at}.png`, data })));
  const end = bytes.subarray(-22);
  const wide = bytes.subarray(bytes.length - 22 - 76, -22);
  end.writeUInt16LE(70_000 % 65_536, 8);
  end.writeUInt16LE(70_000 % 65_536, 10);
  end.writeUInt32LE(Number(wide.readBigUInt64LE(40)), 12);
  end.writeUInt32LE(Number(wide.readBigUInt64LE(48)), 16);
  return Buffer.concat([bytes.subarray(0, -98), end]);
}

function patchedEnd(patch: (end: Buffer) => void): Uint8Array {
  const bytes = zipBuffer([good, last]);
  patch(bytes.subarray(-22));
  return bytes;
}

function patchedEnd64(patch: (end: Buffer) => void): Uint8Array {
  const bytes = zipBuffer([good, last], { zip64: true });
  patch(bytes.subarray(-98));
  return bytes;
}
