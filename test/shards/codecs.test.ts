import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { snappyUncompress } from "hyparquet/src/snappy.js";
import { ByteWriter } from "hyparquet-writer";
import { compressSync } from "snappy";
import { noise } from "../../devkit/rows/rows.ts";
import { appendPage, type Codec, plainPageBytes } from "../../src/shards/parquet/codecs.ts";
import { VolumePages } from "../../src/shards/parquet/volume-pages.ts";

const MIB = 1 << 20;
/** Around the borders of blocks (64 KiB) and pieces (1 MiB), with the four bytes of length and without. */
const sizes = [0, 1, 65_531, 65_532, 65_536, ...[1, 2].flatMap((n) => [-5, -4, -3, 0, 1].map((d) => n * MIB + d))];
/** Half noise, half what gets smaller, in turns. */
const values = sizes.map((size) => noise(size, size).map((byte, at) => ((at >> 12) & 1 ? byte : byte & 1)));

const pageOf = (codec: Codec, value: Uint8Array | null) => {
  const writer = new ByteWriter();
  appendPage(writer, codec, value);
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
};

for (const codec of ["none", "snappy", "gzip"] as const)
  test(`a page holds the value and its length, codec ${codec}`, () => {
    for (const value of values) {
      const page = pageOf(codec, value);
      const plain = plainPage(value);
      assert.equal(plainPageBytes(value), plain.byteLength);
      assert.deepEqual(Buffer.from(unpacked[codec](page, plain.byteLength)), plain);
    }
  });

test("Snappy's pieces are together what it makes of the whole page", () => {
  for (const value of values) assert.deepEqual(pageOf("snappy", value), compressSync(plainPage(value)));
  assert.deepEqual(pageOf("snappy", null), compressSync(Buffer.alloc(0)));
});

test("a page without a value is empty", () => {
  assert.equal(plainPageBytes(null), 0);
  assert.equal(pageOf("none", null).byteLength, 0);
  assert.equal(gunzipSync(pageOf("gzip", null)).byteLength, 0);
});

test("a page that might have 2 GiB is refused: its header could not say so", () => {
  const pages = new VolumePages("snappy", MIB);
  assert.throws(() => pages.add(new Uint8Array(2 ** 31 - 1)), /2147483647 bytes: too large for a page/);
});
