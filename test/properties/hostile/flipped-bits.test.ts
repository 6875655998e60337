import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contents } from "../../../devkit/conformance/archive-format.ts";
import { type ZipEntry, zipBuffer } from "../../../devkit/phantoms/zip-writer.ts";
import { noise } from "../../../devkit/rows/rows.ts";
import { allMembers } from "../../../src/archive/folders.ts";
import { zip } from "../../../src/archive/zip/zip.ts";
import type { ByteSource } from "../../../src/bytes/byte-source.ts";
import { catalogueOf } from "../../../src/catalogue/catalogue.ts";
import { isFault } from "../../../src/errors.ts";

const ARCHIVE = "M3D_Cap/ct_case/ct_case_00.zip";

function entries(sliceBytes: number, extras: Partial<ZipEntry>): ZipEntry[] {
  const cases = ["000101", "000102", "000120"];
  const series = ["Axial_non_contrast", "Coronal_C__portal_venous_phase", "Sagittal_Pöschl"];
  return cases.flatMap((caseId) => [
    ...series.flatMap((name) =>
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
  const { entries: series } = catalogueOf(directory, ARCHIVE, 0);
  const found = await contents(zip, source, directory);
  const bad = (prefix: string) =>
    [...found].some(([path, content]) => path.startsWith(prefix) && typeof content === "string");
  const sound = series.filter(({ id, fault }) => !fault && !bad(`${id.slice("ct_case/".length)}/`));
  const rows = sound.map(({ id, slices, report }) => [id, `${slices} slices, ${report.length} report`] as const);
  return { rows: new Map(rows), rejected: series.length - sound.length };
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
