import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { Arena } from "../../src/kernels/arena.ts";
import { decodeExactly } from "../../src/slices/decode-slices.ts";
import { sharpDecoder } from "../../src/slices/sharp-decoder.ts";
import { chunk, damage, damaged, gray, jpegOptions, picture, pngFile } from "./files.ts";

const arena = new Arena();
const filters = fc.array(fc.nat(4), { minLength: 1, maxLength: 6 });
const colours = fc.constantFrom(0 as const, 2 as const, 3 as const);
const taken = { sound: 0, damaged: 0 };
after(() => assert.ok(taken.sound > 100 && taken.damaged > 0, JSON.stringify(taken)));

/** What the kernels take is what the general decoder reads; returns whether they took it. */
async function sameAsGeneral(file: Buffer): Promise<boolean> {
  const sure = decodeExactly(file, arena);
  const ours = sure && { height: sure.height, width: sure.width, pixels: Buffer.from(sure.pixels) };
  arena.clear();
  if (!ours) return false;
  const general = await sharpDecoder.decode(file);
  assert.ok(general, "the general decoder refuses it");
  assert.deepEqual({ ...general, pixels: Buffer.from(general.pixels) }, ours);
  return true;
}

test("every baseline gray JPEG is taken, with the general decoder's pixels", () =>
  fc.assert(
    fc.asyncProperty(picture, jpegOptions, async (one, options) => {
      assert.ok(await sameAsGeneral(await gray(one).jpeg(options).toBuffer()));
      taken.sound += 1;
    }),
    { numRuns: 80 },
  ));

test("every 8-bit PNG by any filters is taken, with the general decoder's pixels", () =>
  fc.assert(
    fc.asyncProperty(picture, colours, filters, async (one, kind, lines) => {
      assert.ok(await sameAsGeneral(pngFile(one, { colours: kind, filters: lines })));
      taken.sound += 1;
    }),
    { numRuns: 80 },
  ));

test("a damaged file is taken only where the general decoder reads the same pixels", () =>
  fc.assert(
    fc.asyncProperty(picture, jpegOptions, colours, filters, damage, async (one, options, kind, lines, harm) => {
      for (const file of [await gray(one).jpeg(options).toBuffer(), pngFile(one, { colours: kind, filters: lines })])
        if (await sameAsGeneral(damaged(file, harm))) taken.damaged += 1;
    }),
    { numRuns: 80 },
  ));

const one = { height: 9, width: 11, pixels: Uint8Array.from({ length: 99 }, (_, at) => at * 2) };
const plain = pngFile(one, { colours: 0, filters: [1] });
const indexed = pngFile(one, { colours: 3, filters: [0] });
const inserted = (file: Buffer, ...extra: Buffer[]) =>
  Buffer.concat([file.subarray(0, 33), ...extra, file.subarray(33)]);
const jpeg = await gray(one).jpeg().toBuffer();
const segment = (marker: number, body: string) =>
  Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.of(0xff, marker, 0, body.length + 2),
    Buffer.from(body, "latin1"),
    jpeg.subarray(2),
  ]);

/** Of mean 128, and with nothing but upright stripes: the first row of coefficients alone, which decoders have a short cut for. */
const stripes = gray({ height: 8, width: 8, pixels: Uint8Array.from({ length: 64 }, (_, at) => (at & 1 ? 255 : 1)) });

/** Every step of the quantiser 255. */
function coarse(file: Buffer): Buffer {
  const steps = file.indexOf(Buffer.of(0xff, 0xdb)) + 5;
  return Buffer.from(file).fill(255, steps, steps + 64);
}

/** Files that the general decoder must decide about, each for its own reason. */
const left: Readonly<Record<string, Buffer>> = {
  "a progressive JPEG": await gray(one).jpeg({ progressive: true }).toBuffer(),
  "an RGB JPEG": await gray(one).toColourspace("srgb").jpeg().toBuffer(),
  "a JPEG without its end": jpeg.subarray(0, -2),
  "a JPEG with a restart interval": Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.of(0xff, 0xdd, 0, 4, 0, 1),
    jpeg.subarray(2),
  ]),
  "a JPEG whose JFIF segment is short": segment(0xe0, "JFIF\0"),
  "a JPEG whose ICC segment is short": segment(0xe2, "ICC_PROFILE\0"),
  "a JPEG with Photoshop's segment": segment(0xed, "Photoshop 3.0\x008BIM\0\0\0\0\0\0\0\0"),
  "a JPEG with Exif": segment(0xe1, "Exif\0\0MM\0*\xd4\xff"),
  "a JPEG of values beyond any picture's, where decoders differ": coarse(
    await stripes.jpeg({ quality: 100 }).toBuffer(),
  ),
  "a JPEG of several pictures": segment(0xe2, "MPF\0MM\0*\0\0\0\x08\0\0\0\0\0\0"),
  "a transparent PNG": inserted(plain, chunk("tRNS", Buffer.of(0, 0))),
  "an animated PNG": inserted(plain, chunk("acTL", Buffer.alloc(8))),
  "a PNG with an unknown chunk": inserted(plain, chunk("abCd", Buffer.alloc(8))),
  "a PNG with a short gAMA": inserted(plain, chunk("gAMA", Buffer.alloc(3))),
  "a PNG with two heads": inserted(plain, plain.subarray(8, 33)),
  "a gray PNG with a palette": inserted(plain, chunk("PLTE", Buffer.alloc(6))),
  "a PNG with a filter of another number": pngFile(one, { colours: 0, filters: [5] }),
  "a palette PNG without its palette": Buffer.concat([indexed.subarray(0, 33), indexed.subarray(33 + 780)]),
  "an index beyond the palette": Buffer.concat([
    indexed.subarray(0, 33),
    chunk("PLTE", Buffer.alloc(9)),
    indexed.subarray(33 + 780),
  ]),
  "an interlaced PNG": await gray(one).png({ progressive: true }).toBuffer(),
  "a PNG without its end": plain.subarray(0, -12),
  "rows more than the head says": replaced(plain, pngFile({ ...one, height: 8 }, { colours: 0, filters: [1] })),
  "an empty file": Buffer.alloc(0),
};

/** The second file's head with the first one's rows. */
function replaced(rows: Buffer, head: Buffer): Buffer {
  return Buffer.concat([head.subarray(0, 33), rows.subarray(33)]);
}

for (const [name, file] of Object.entries(left))
  test(`${name} is left to the general decoder`, () => {
    assert.ok(decodeExactly(plain, arena) && decodeExactly(indexed, arena) && decodeExactly(jpeg, arena));
    assert.equal(decodeExactly(file, arena), undefined);
    arena.clear();
  });
