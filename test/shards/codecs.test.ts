import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { decompress } from "fzstd";
import { snappyUncompress } from "hyparquet/src/snappy.js";
import { decompressLz4Raw } from "hyparquet-compressors";
import { ByteWriter } from "hyparquet-writer";
import { compressSync } from "snappy";
import { noise } from "../../devkit/rows/rows.ts";
import { appendPage, type Codec, packingOf, plainPageBytes } from "../../src/shards/parquet/codecs.ts";
import { VolumePages } from "../../src/shards/parquet/volume-pages.ts";

const MIB = 1 << 20;
/** Around the borders of blocks (64 KiB) and pieces (1 MiB), with the four bytes of length and without. */
const sizes = [0, 1, 65_531, 65_532, 65_536, ...[1, 2].flatMap((n) => [-5, -4, -3, 0, 1].map((d) => n * MIB + d))];
/** Half noise, half what gets smaller, in turns. */
const values = sizes.map((size) => noise(size, size).map((byte, at) => ((at >> 12) & 1 ? byte : byte & 1)));

const pageOf = async (codec: Codec, value: Uint8Array | null) => {
  const writer = new ByteWriter();
  appendPage(writer, await packingOf(codec), value);
  return Buffer.from(writer.getBytes());
};
const plainPage = (value: Uint8Array) => {
  const page = Buffer.alloc(4 + value.byteLength);
  page.writeUInt32LE(value.byteLength);
  page.set(value, 4);
  return page;
};
const unpacked = {
  none: (page: Uint8Array) => page,
  gzip: (page: Uint8Array) => gunzipSync(page),
  snappy(page: Uint8Array, byteLength: number) {
    const plain = new Uint8Array(byteLength);
    snappyUncompress(page, plain);
    return plain;
  },
  lz4: decompressLz4Raw,
  zstd: (page: Uint8Array) => decompress(page),
};

for (const codec of ["none", "snappy", "gzip", "lz4", "zstd"] as const)
  test(`a page holds the value and its length, codec ${codec}`, async () => {
    for (const value of values) {
      const page = await pageOf(codec, value);
      const plain = plainPage(value);
      assert.equal(plainPageBytes(value), plain.byteLength);
      assert.deepEqual(Buffer.from(unpacked[codec](page, plain.byteLength)), plain);
    }
  });

test("Snappy's pieces are together what it makes of the whole page", async () => {
  for (const value of values) assert.deepEqual(await pageOf("snappy", value), compressSync(plainPage(value)));
  assert.deepEqual(await pageOf("snappy", null), compressSync(Buffer.alloc(0)));
});

test("a page without a value is empty", async () => {
  assert.equal(plainPageBytes(null), 0);
  assert.equal((await pageOf("none", null)).byteLength, 0);
  assert.equal(gunzipSync(await pageOf("gzip", null)).byteLength, 0);
});

test("a page that might have 2 GiB is refused: its header could not say so", async () => {
  const pages = new VolumePages(await packingOf("snappy"), MIB);
  assert.throws(() => pages.add(new Uint8Array(2 ** 31 - 1)), /2147483647 bytes: too large for a page/);
});

/** Of other bytes, shards that plans name by these codecs would be others too: such a version of a package needs a name of its own. */
const fixed = {
  lz4: "0b4ccb5f94e0ddc9fc8355eab21dc688341ff2e000e6e148d35961b1a5f5cf90",
  zstd: "22c3155e2dc9d0ed1e11dcf67681760b2ac350efa71e7e8c2be7c13c4091f570",
} as const;
for (const [codec, sha256] of Object.entries(fixed))
  test(`${codec} gives the bytes that it has always given`, async () => {
    const hash = createHash("sha256");
    for (const value of values) hash.update(await pageOf(codec as keyof typeof fixed, value));
    assert.equal(hash.digest("hex"), sha256);
  });
