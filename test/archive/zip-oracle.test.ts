import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import yauzl from "yauzl";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { contents } from "../../devkit/conformance/archive-format.ts";
import { type ZipEntry, zipBuffer } from "../../devkit/phantoms/zip-writer.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { EtlError } from "../../src/errors.ts";

const entry: fc.Arbitrary<ZipEntry> = fc.record(
  {
    // Names that yauzl takes too: no backslash, nothing absolute, no step upwards.
    name: fc
      .array(fc.stringMatching(/^[a-z0-9_äö左 ]{1,8}$/), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("/")),
    data: fc.uint8Array({ maxLength: 300 }),
    method: fc.constantFrom("store", "deflate"),
    descriptor: fc.boolean(),
    zip64: fc.boolean(),
    comment: fc.string({ maxLength: 20 }),
  },
  { requiredKeys: ["name", "data"] },
);
const archive = fc.tuple(fc.uniqueArray(entry, { selector: ({ name }) => String(name), maxLength: 8 }), fc.boolean());

test("any archive gives the members that yauzl finds in it, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(archive, async ([entries, zip64]) => {
      const bytes = zipBuffer(entries, { zip64 });
      const source = memorySource("any.zip", bytes);
      const found = await contents(zip, source, await zip.directory(source));
      assert.deepEqual(new Map([...found].sort()), new Map([...(await byYauzl(bytes))].sort()));
    }),
    { numRuns: 150 },
  );
});

test("no bytes at all make the reader fail otherwise than with a fault", async () => {
  const whole = zipBuffer([
    { name: "000001/a/0.png", data: new Uint8Array(200) },
    { name: "000001/b/1.png", data: new Uint8Array(200), method: "deflate", zip64: true },
    { name: "000001/text.txt", data: "x", descriptor: true },
  ]);
  const change = fc.tuple(fc.nat(whole.byteLength - 1), fc.nat(255));
  const mutated = fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
    const bytes = Buffer.from(whole);
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  // Most of what matters lies in the directory and the end record.
  const tailChange = fc.tuple(fc.integer({ min: whole.byteLength - 300, max: whole.byteLength - 1 }), fc.nat(255));
  const tail = fc.array(tailChange, { minLength: 1, maxLength: 4 }).map((changes) => {
    const bytes = Buffer.from(whole);
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  const cut = fc.nat(whole.byteLength).map((length) => whole.subarray(0, length));
  const noise = fc.uint8Array({ maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, tail, cut, noise), async (bytes) => {
      const source = memorySource("hostile.zip", bytes);
      try {
        await contents(zip, source, await zip.directory(source));
      } catch (error) {
        assert.ok(error instanceof EtlError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

async function byYauzl(bytes: Buffer): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const file = await yauzl.fromBufferPromise(bytes, { lazyEntries: true });
  for await (const one of file.eachEntry()) {
    const parts: Uint8Array[] = [];
    for await (const part of await file.openReadStreamPromise(one)) parts.push(part as Uint8Array);
    found.set(one.fileName, Uint8Array.from(Buffer.concat(parts)));
  }
  return found;
}
