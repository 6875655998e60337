import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";

/** Gray pixels of a small image: flat, smooth or noisy. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(8, 16, 64, 128));
export const picture: fc.Arbitrary<Picture> = fc
  .record({ height: side, width: side, kind: fc.nat(3), seed: fc.integer() })
  .map(({ height, width, kind, seed }) => {
    const value = [
      () => seed & 255,
      (x: number, y: number) => (x * (seed & 7) + y * 3) & 255,
      (x: number, y: number) => 128 + 100 * Math.sin((x * y + seed) / 50),
      (x: number, y: number) => Math.imul(x * 7919 + y * 104729 + seed, 0x9e3779b1) >>> 24,
    ][kind]!;
    const pixels = Uint8Array.from({ length: height * width }, (_, at) => value(at % width, Math.floor(at / width)));
    return { height, width, pixels };
  });

export const gray = ({ height, width, pixels }: Picture) =>
  sharp(pixels, { raw: { height, width, channels: 1 } }).toColourspace("b-w");

/** How a JPEG is made; all of them are baseline and gray but where it says `progressive`. */
export const jpegOptions = fc.record({
  quality: fc.integer({ min: 1, max: 100 }),
  optimiseCoding: fc.boolean(),
  quantisationTable: fc.nat(8),
  trellisQuantisation: fc.boolean(),
});

/** A PNG whose rows are filtered as told, in turn. */
export function pngFile(
  { height, width, pixels }: Picture,
  { colours, filters }: { readonly colours: 0 | 2 | 3; readonly filters: readonly number[] },
): Buffer {
  const step = colours === 2 ? 3 : 1;
  const row = width * step;
  const samples = Uint8Array.from(
    { length: height * row },
    (_, at) => pixels[Math.floor(at / step)]! + (at % step) * 40,
  );
  const raw = Buffer.alloc(height * (row + 1));
  for (let y = 0; y < height; y++) {
    const filter = filters[y % filters.length]!;
    raw[y * (row + 1)] = filter;
    for (let x = 0; x < row; x++) {
      const left = x < step ? 0 : samples[y * row + x - step]!;
      const above = y === 0 ? 0 : samples[(y - 1) * row + x]!;
      const corner = x < step || y === 0 ? 0 : samples[(y - 1) * row + x - step]!;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      raw[y * (row + 1) + 1 + x] = samples[y * row + x]! - guess;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, colours], 8);
  const palette = Buffer.from(Array.from({ length: 768 }, (_, at) => (at * 89) & 255));
  const chunks = [
    chunk("IHDR", head),
    ...(colours === 3 ? [chunk("PLTE", palette)] : []),
    chunk("IDAT", deflateSync(raw)),
  ];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks, chunk("IEND", Buffer.alloc(0))]);
}

/** As the PNG specification has it. */
function paeth(left: number, above: number, corner: number): number {
  const base = left + above - corner;
  const [a, b, c] = [Math.abs(base - left), Math.abs(base - above), Math.abs(base - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

export function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** Damage to a file: cut off, some bits flipped, bytes taken out, put in or appended. Places are parts of its length. */
export type Damage = readonly [kind: "cut" | "flip" | "remove" | "insert" | "append", place: number, value: number];
export const damage: fc.Arbitrary<Damage> = fc.tuple(
  fc.constantFrom("cut", "flip", "flip", "remove", "insert", "append"),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(255),
);

export function damaged(file: Buffer, [kind, place, value]: Damage): Buffer {
  const at = Math.min(file.length - 1, Math.floor(place * file.length));
  if (kind === "cut") return Buffer.from(file.subarray(0, at));
  if (kind === "append") return Buffer.concat([file, Buffer.alloc(1 + (value & 15), value)]);
  if (kind === "remove") return Buffer.concat([file.subarray(0, at), file.subarray(at + 1 + (value & 7))]);
  if (kind === "insert") return Buffer.concat([file.subarray(0, at), Buffer.of(value), file.subarray(at)]);
  const copy = Buffer.from(file);
  copy[at]! ^= value || 1;
  return copy;
}
