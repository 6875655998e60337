import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Arena } from "../../src/kernels/arena.ts";
import { decodeExactly } from "../../src/slices/decode-slices.ts";
import { m3dVolume } from "../../src/volume/m3d.ts";
import { montage } from "../../src/volume/preview.ts";
import { damage, damaged, gray, jpegOptions, picture, pngFile } from "../slices/files.ts";

/** So much is there from the start: small images never make it grow. */
const ROOM = 512 << 10;

/** An arena whose memory is filled with one byte, and that knows what was allocated of it. */
class Watched extends Arena {
  readonly #fill: number;
  #ranges: [number, number][] = [];
  #base = 0;
  #untouched = Buffer.alloc(0);

  constructor(fill: number) {
    super();
    this.#fill = fill;
  }

  /** Everything is free, and holds the one byte. */
  start(): void {
    this.clear();
    this.#base = this.scratch(() => this.alloc(ROOM));
    this.bytes(this.#base, this.call.memory.buffer.byteLength - this.#base).fill(this.#fill);
    this.#ranges = [];
  }

  override alloc(byteLength: number): number {
    const at = super.alloc(byteLength);
    this.#ranges.push([at, at + byteLength]);
    return at;
  }

  /** Every byte that was never allocated is as it was. */
  assertUntouched(): void {
    const memory = Buffer.from(this.call.memory.buffer);
    if (this.#untouched.length !== memory.length) this.#untouched = Buffer.alloc(memory.length, this.#fill);
    let free = this.#base;
    for (const [from, to] of [...this.#ranges.sort(([a], [b]) => a - b), [memory.length, memory.length] as const]) {
      const wrong = from > free && memory.compare(this.#untouched, free, from, free, from) !== 0;
      assert.ok(!wrong, `written between ${free} and ${from}, outside ${JSON.stringify(this.#ranges)}`);
      free = Math.max(free, to);
    }
  }
}

const watched = [new Watched(0xa5), new Watched(0x3c)] as const;

/** What `work` gives must not depend on what lies around: bytes read outside would differ, bytes written are seen. */
function guarded<T>(work: (arena: Arena) => T): T {
  const results = watched.map((arena) => {
    arena.start();
    const result = work(arena);
    arena.assertUntouched();
    return result;
  });
  assert.deepEqual(results[0], results[1]);
  return results[0]!;
}

const pixelsOf = (file: Buffer) => guarded((arena) => decodeExactly(file, arena)?.pixels.slice());

test("the watch sees a byte written outside", () => {
  const arena = watched[0];
  arena.start();
  const at = arena.alloc(10);
  arena.bytes(at + 10, 1).fill(2);
  assert.throws(() => arena.assertUntouched());
});

test("decoding JPEGs, sound or damaged, stays within what was allocated", () =>
  fc.assert(
    fc.asyncProperty(picture, jpegOptions, fc.array(damage, { maxLength: 3 }), async (one, options, harm) => {
      pixelsOf(harm.reduce(damaged, await gray(one).jpeg(options).toBuffer()));
    }),
    { numRuns: 60 },
  ));

test("a scan of any bytes stays within what was allocated", () => {
  const start = gray({ height: 64, width: 64, pixels: new Uint8Array(4096).fill(9) }).jpeg();
  return fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.boolean(), async (scan, ended) => {
      const file = await start.clone().toBuffer();
      const data = file.indexOf(Buffer.of(0xff, 0xda)) + 10;
      const end = Buffer.of(...(ended ? [0xff, 0xd9] : []));
      pixelsOf(Buffer.concat([file.subarray(0, data), scan.map((byte) => (byte === 0xff ? 0xfe : byte)), end]));
    }),
    { numRuns: 60 },
  );
});

test("decoding PNGs stays within what was allocated", () =>
  fc.assert(
    fc.property(
      picture,
      fc.constantFrom(0 as const, 2 as const, 3 as const),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
      (one, colours, filters) => {
        pixelsOf(pngFile(one, { colours, filters }));
      },
    ),
    { numRuns: 60 },
  ));

test("volumes and previews stay within what was allocated, wherever the slices lie", () =>
  fc.assert(
    fc.property(
      fc.array(picture, { minLength: 1, maxLength: 4 }),
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70 })),
      fc.boolean(),
      (pictures, size, inside) => {
        const { height, width } = pictures[0]!;
        const all = pictures.map((one) =>
          Uint8Array.from({ length: height * width }, (_, at) => one.pixels[at % one.pixels.length]!),
        );
        if (new Set(all.flatMap((pixels) => [...pixels])).size < 2) return;
        guarded((arena) => {
          const kept = all.map((pixels) =>
            arena.keep(pixels.length, (at) => Boolean(arena.bytes(at, pixels.length).set(pixels) ?? true)),
          );
          const stack = {
            count: all.length,
            height,
            width,
            slice: (z: number) => (inside ? kept[z]!.bytes : all[z]!),
          };
          return [m3dVolume(stack, size, arena).voxels, montage(stack, arena).pixels];
        });
      },
    ),
    { numRuns: 60 },
  ));
