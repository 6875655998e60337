import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { contents } from "../../../devkit/conformance/archive-format.ts";
import { type ZipEntry, zipBuffer } from "../../../devkit/phantoms/zip-writer.ts";
import { noise } from "../../../devkit/rows/rows.ts";
import { allMembers } from "../../../src/archive/folders.ts";
import { zip } from "../../../src/archive/zip/zip.ts";
import type { ByteSource } from "../../../src/bytes/byte-source.ts";
import { catalogueOf } from "../../../src/catalogue/catalogue.ts";
import { isFault } from "../../../src/errors.ts";
import { Attack, series, slice } from "./attack.ts";

const attack = await Attack.prepare();
after(() => attack.remove());

const ARCHIVE = "M3D_Cap/ct_case/ct_case_00.zip";

function entries(sliceBytes: number, extras: Partial<ZipEntry>): ZipEntry[] {
  const cases = ["000101", "000102", "000120"];
  const names = ["Axial_non_contrast", "Coronal_C__portal_venous_phase", "Sagittal_Pöschl"];
  return cases.flatMap((caseId) => [
    ...names.flatMap((name) =>
      Array.from({ length: 12 }, (_, at) => ({
        name: `${caseId}/${name}/${at}.jpeg`,
        data: noise(sliceBytes, at + 1),
        ...extras,
      })),
    ),
    { name: `${caseId}/text.txt`, data: "findings" },
  ]);
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    name: ARCHIVE,
    byteLength: bytes.byteLength,
    async *read({ start, end }) {
      yield bytes.subarray(start, end);
    },
  };
}

/** Slices and report of each series that is in order by the catalogue, every byte checked; and whether anything is said. */
async function readAllOf(bytes: Uint8Array) {
  const source = sourceOf(bytes);
  const directory = await zip.directory(source);
  const { entries: found } = catalogueOf(directory, ARCHIVE, 0);
  const read = await contents(zip, source, directory);
  const bad = (prefix: string) =>
    [...read].some(([path, content]) => path.startsWith(prefix) && typeof content === "string");
  const sound = found.filter(({ id, fault }) => !fault && !bad(`${id.slice("ct_case/".length)}/`));
  const rows = sound.map(({ id, slices, report }) => [id, `${slices} slices, ${report.length} report`] as const);
  return { rows: new Map(rows), rejected: found.length - sound.length };
}

const archives = [
  // All local headers lie in the tail that is read anyway; most lie before it.
  ["a small archive", zipBuffer(entries(200, {}))],
  ["an archive larger than its tail", zipBuffer(entries(12_000, {}))],
  ["ZIP64 with descriptors", zipBuffer(entries(12_000, { zip64: true, descriptor: true }), { zip64: true })],
] as const;
for (const [name, whole] of archives)
  test(`${name}: one flipped bit in the directory never loses a slice without a word`, async () => {
    const expected = (await readAllOf(whole)).rows;
    assert.equal(expected.size, 9);
    const first = whole.indexOf(Buffer.from("PK\x01\x02"));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: first, max: whole.byteLength - 1 }), fc.nat(7), async (at, bit) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= 1 << bit;
        let found: Awaited<ReturnType<typeof readAllOf>>;
        try {
          found = await readAllOf(bytes);
        } catch (error) {
          if (isFault(error, "bad-archive")) return;
          throw error;
        }
        for (const [id, slices] of found.rows)
          if (expected.has(id)) assert.equal(slices, expected.get(id), `${id}: ${at}.${bit}`);
        const lost = [...expected.keys()].filter((id) => !found.rows.has(id));
        assert.ok(lost.length <= found.rejected, `${lost}: ${at}.${bit}`);
      }),
      { numRuns: 600 },
    );
  });

test("names that look much alike are in no doubt: a whole archive costs no read more", async () => {
  let reads = 0;
  const bytes = zipBuffer(entries(12_000, {}));
  const source = sourceOf(bytes);
  const counted: ByteSource = {
    ...source,
    read(range) {
      reads += 1;
      return source.read(range);
    },
  };
  assert.equal(allMembers(await zip.directory(counted)).length, 3 * (3 * 12 + 1));
  assert.equal(reads, 1);
});

test("what a local header says otherwise rejects the series when it is read, and the directory is not kept", async () => {
  const good = Array.from({ length: 20 }, (_, at) => series(`${100 + at}/good`)).flat();
  const bad = { name: "000200/bad/0.png", data: slice };
  const entries: ZipEntry[] = [
    ...good,
    // A name that its neighbours do not put in doubt, sizes, a method: told only by the header before the data.
    { ...bad, localName: "000200/bad/7.png" },
    { ...bad, name: "000200/bad/1.png" },
    { ...bad, name: "000200/bad/2.png" },
    // Puts local headers out of the tail that is read anyway.
    { name: "filler", data: new Uint8Array(300 << 10) },
  ];
  const repository = await attack.repository("headers", { "ct_case_00.zip": entries });
  const found = await attack.convert(repository, "--unlisted");
  assert.deepEqual(
    found.rejects.map(({ id, reason }) => [id, reason]),
    [["ct_case/000200/bad", "bad-member"]],
  );
  assert.match(found.rejects[0]!.detail, /0\.png: the local header calls it "000200\/bad\/7\.png"/);
  assert.equal(found.rows, 20);
  const cached = await readdir(path.join(attack.folder, "cache"), { recursive: true });
  assert.deepEqual(
    cached.filter((name) => name.endsWith(".parquet")),
    [],
  );
});

test("a local header with another size or method is a fault of its member; one that tells no size is none", async () => {
  const whole = zipBuffer([{ name: "000001/a/0.png", data: slice }]);
  const source = sourceOf(whole);
  const [member] = allMembers(await zip.directory(source));
  const answer = (patch: (header: Buffer) => void) => {
    const extent = Buffer.from(whole.subarray(member!.start, member!.end));
    patch(extent);
    const content = zip.extract(member!, extent);
    return isFault(content) ? content.message : "sound";
  };
  assert.match(
    answer((header) => header.writeUInt32LE(7, 18)),
    /different sizes/,
  );
  assert.match(
    answer((header) => header.writeUInt32LE(7, 22)),
    /different sizes/,
  );
  assert.match(
    answer((header) => header.writeUInt16LE(8, 8)),
    /different methods/,
  );
  assert.match(
    answer((header) => header.writeUInt8(0x71, 30)),
    /the local header calls it "q00001\/a\/0\.png"/,
  );
  assert.equal(
    answer((header) => header.fill(0, 18, 26)),
    "sound",
  );
});
