import assert from "node:assert/strict";
import { after, test } from "node:test";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import tar from "tar-stream";
import type { ZipEntry } from "../../../devkit/phantoms/zip-writer.ts";
import { MAX_DIRECTORY_BYTES, MAX_MEMBER_BYTES, MAX_MEMBERS } from "../../../src/archive/limits.ts";
import { MAX_GZIP_GROWTH } from "../../../src/bytes/gunzipped.ts";
import { MAX_SERIES_BYTES, MAX_SERIES_SLICES } from "../../../src/catalogue/catalogue.ts";
import { MAX_REPORT_BYTES } from "../../../src/m3d-cap/clean-report.ts";
import { sharpDecoder } from "../../../src/slices/sharp-decoder.ts";
import {
  checkStack,
  MAX_SLICE_BYTES,
  MAX_SLICE_PIXELS,
  MAX_STACK_BYTES,
  MAX_STACK_PIXELS,
} from "../../../src/slices/stack-limit.ts";
import { Attack, bounded, refused, series, slice } from "./attack.ts";

const attack = await Attack.prepare();
after(() => attack.remove());

/** A PNG as its header has it, with next to no data. */
function hollowPng(width: number, height: number, [depth, colourType] = [8, 0], data = Buffer.alloc(20)): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, depth!, colourType!, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

test("bombs, overlaps and giants in an archive: each is a reject that names its limit, the rest are rows", async () => {
  const zeros = new Uint8Array(40 << 20);
  const big = hollowPng(50_000, 50_000);
  const many = (at: string, count: number, data: Uint8Array): ZipEntry[] =>
    Array.from({ length: count }, (_, n) => ({ name: `${at}/${n}.png`, data }));
  const entries: ZipEntry[] = [
    ...series("000001/good"),
    { name: "000002/bomb/0.png", data: zeros, method: "deflate", size: 1000 },
    { name: "000003/huge/0.png", data: slice, size: MAX_MEMBER_BYTES + 1, method: "deflate" },
    ...many("000004/pixels", 3, big),
    ...series("000005/some"),
    { name: "000005/some/3.png", data: big },
    ...many("000006/stack", 7, hollowPng(13_000, 13_000)),
    ...Array.from(
      { length: 26 },
      (_, n): ZipEntry => ({ name: `000007/inflated/${n}.png`, data: zeros, method: "deflate" }),
    ),
    ...many("000008/slices", MAX_SERIES_SLICES + 1, new Uint8Array(0)),
    ...series("000009/report"),
    { name: "000009/text.txt", data: Buffer.alloc(MAX_REPORT_BYTES + 1, "a"), method: "deflate" },
    ...series("000010/giant"),
    { name: "000010/text.txt", data: Buffer.alloc(100 << 20, "a"), method: "deflate" },
    { name: "000011/outside/0.png", data: slice, offset: 1 << 30 },
    ...series("000012/after"),
  ];
  const repo = await attack.repository("bombs", { "ct_case_00.zip": entries });
  const found = await attack.convert(repo, "--unlisted");
  const reasons = found.rejects.map(({ id, reason, detail }) => [id.slice("ct_case/".length), reason, detail] as const);
  const expected: Readonly<Record<string, readonly [string, RegExp]>> = {
    "000002/bomb": ["bad-member", /declared size/],
    "000003/huge": ["bad-member", new RegExp(`larger than ${MAX_MEMBER_BYTES}`)],
    "000004/pixels": ["limit-exceeded", new RegExp(`more than ${MAX_SLICE_PIXELS} pixels`)],
    "000006/stack": ["limit-exceeded", new RegExp(`more than ${MAX_STACK_PIXELS}`)],
    "000007/inflated": ["limit-exceeded", new RegExp(`more than ${MAX_SERIES_BYTES}`)],
    "000008/slices": ["limit-exceeded", new RegExp(`more than ${MAX_SERIES_SLICES}`)],
    "000009/report": ["limit-exceeded", new RegExp(`more than ${MAX_REPORT_BYTES}`)],
    "000010/giant": ["bad-member", new RegExp(`larger than ${MAX_MEMBER_BYTES}`)],
    "000011/outside": ["bad-member", /outside the archive/],
  };
  assert.deepEqual(reasons.map(([id]) => id).sort(), Object.keys(expected));
  for (const [id, reason, detail] of reasons) {
    assert.equal(reason, expected[id]![0], id);
    assert.match(detail, expected[id]![1]);
  }
  assert.equal(found.rows, 3);
  // A gigabyte inflates, and 1.2 billion pixels are declared: what is over a limit is not even read.
  bounded(found);
});

test("the largest series in use passes the limit of a stack, in PNG and JPEG", async () => {
  const jpeg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0000b080300030001011100", "hex");
  for (const one of [hollowPng(768, 768), jpeg]) await checkStack(Array.from({ length: 1000 }, () => one));
  const wide = Buffer.from(jpeg);
  wide.writeUInt16BE(12_000, 25);
  wide.writeUInt16BE(12_000, 27);
  await assert.rejects(checkStack(Array.from({ length: 8 }, () => wide)), /1152000000 pixels/);
});

test("what counts are the bytes that decoding goes through: channels and depth, of one slice and of all", async () => {
  const [rgba16, palette] = [
    [16, 6],
    [8, 3],
  ] as const;
  const all = (count: number, one: Buffer) => checkStack(Array.from({ length: count }, () => one));
  await assert.rejects(all(2, hollowPng(13_000, 13_000, [...rgba16])), new RegExp(`or ${MAX_SLICE_BYTES} bytes`));
  await assert.rejects(all(1, hollowPng(9_500, 9_500, [...palette])), new RegExp(`or ${MAX_SLICE_BYTES} bytes`));
  await all(1, hollowPng(9_400, 9_400, [...palette]));
  await all(1, hollowPng(13_000, 13_000));
  await assert.rejects(
    all(600, hollowPng(1024, 1024, [...rgba16])),
    new RegExp(`5033164800 bytes of pixels, more than ${MAX_STACK_BYTES}`),
  );
});

test("a sound slice over the bytes of one is dropped before its pixels are decoded", async () => {
  const side = 5_800;
  const file = (width: number) =>
    hollowPng(width, side, [16, 6], deflateSync(Buffer.alloc(side * (1 + width * 8)), { level: 1 }));
  assert.equal(await sharpDecoder.decode(file(side)), null);
  assert.equal((await sharpDecoder.decode(file(8)))?.pixels.length, 8 * side);
});

test("a directory of more members than any archive has is refused before they fill the memory", async () => {
  const entry = Buffer.alloc(47);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(1, 28);
  entry.write("x", 46);
  const count = MAX_MEMBERS + 65_536;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count % 65_536, 8);
  end.writeUInt16LE(count % 65_536, 10);
  end.writeUInt32LE(count * 47, 12);
  const repo = await attack.repository("members", {
    "ct_case_00.zip": Buffer.concat([Buffer.alloc(count * 47, entry), end]),
  });
  const ended = await attack.run(["index", repo, "--quiet"]);
  refused(ended, 65, new RegExp(`more than ${MAX_MEMBERS} entries`), 900);
  assert.ok(count * 47 < MAX_DIRECTORY_BYTES);
});

async function packed(headers: readonly (Partial<tar.Header> & { name: string; data?: Uint8Array | string })[]) {
  const packer = tar.pack();
  for (const { data, ...header } of headers) packer.entry(header, Buffer.from(data ?? ""));
  packer.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of packer) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

test("a gzip bomb is left where it shows, named, and the other archives are read", async () => {
  const good = await packed(series("000001/good").map(({ name, data }) => ({ name: String(name), data: data! })));
  const bomb = gzipSync(Buffer.concat([good.subarray(0, 512 * 2), Buffer.alloc(300 << 20)]), { level: 9 });
  const repo = await attack.repository("gzip", { "ct_case_00.tar": good, "ct_case_01.tar.gz": bomb });
  const ended = await attack.run(["index", repo, "--json", "--quiet"]);
  assert.equal(ended.code, 0, ended.stderr);
  const { series: found, unreadable } = JSON.parse(ended.stdout);
  assert.equal(found, 1);
  assert.match(unreadable[0].detail, new RegExp(`ct_case_01.tar.gz: unpacks to more than ${MAX_GZIP_GROWTH} times`));
  bounded(ended, 300);
});

test("a tar with a header of gigabytes, a negative size, a device: the archive is refused, or the entry alone", async () => {
  const long = await packed([{ name: "000001/a/0.png", pax: { comment: "x".repeat(5 << 20) }, data: slice }]);
  const negative = await packed([{ name: "000001/a/0.png", pax: { size: "-1" }, data: slice }]);
  for (const [name, bytes] of Object.entries({ long, negative })) {
    const repo = await attack.repository(name, { "ct_case_00.tar": bytes });
    refused(
      await attack.run(["index", repo, "--quiet"]),
      65,
      /ct_case_00\.tar: no whole tar: (Header exceeds|Invalid)/,
    );
  }
  const device = await packed([
    { name: "000001/a/0.png", type: "character-device" },
    { name: "000001/b/0.png", data: slice },
  ]);
  const repo = await attack.repository("device", { "ct_case_00.tar": device });
  const { rows, rejects } = await attack.convert(repo, "--unlisted");
  assert.deepEqual([rows, rejects.map(({ id, reason }) => `${id}: ${reason}`)], [1, ["ct_case/000001/a: bad-member"]]);
});
