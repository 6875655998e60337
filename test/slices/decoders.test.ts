import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { Arena } from "../../src/kernels/arena.ts";
import { decodeSlices } from "../../src/slices/decode-slices.ts";
import { imageHead } from "../../src/slices/image-head.ts";
import type { Slice, SliceDecoder } from "../../src/slices/slice-decoder.ts";
import { gray, pngFile } from "./files.ts";

/** Certain of the files that begin with a byte of `answers`. */
function decoder(slow: boolean, answers: Readonly<Record<number, number | null>>): SliceDecoder {
  const decode = ([first]: Uint8Array): Slice | null | undefined => {
    const answer = answers[first!];
    return typeof answer === "number" ? { height: 1, width: 1, pixels: Uint8Array.of(answer) } : answer;
  };
  const name = `${Object.keys(answers)}`;
  return slow ? { name, slow, decode: async (file) => decode(file) } : { name, slow, decode };
}

test("the first that is certain wins, the quick ones before the slow; where none is, the file cannot be read", async () => {
  const files = [1, 2, 3, 4, 5, 6].map((first) => Uint8Array.of(first));
  const { slices, slow } = await decodeSlices(files, new Arena(), [
    decoder(true, { 2: 20, 4: 21, 5: null }),
    decoder(false, { 1: 10, 3: null }),
    decoder(false, { 1: 11, 2: 12, 3: 13 }),
    decoder(true, { 4: 22, 5: 23 }),
  ]);
  assert.deepEqual(
    slices.map((slice) => slice?.pixels[0]),
    [10, 12, undefined, 21, undefined, undefined],
  );
  assert.equal(slow, 3);
});

const one = { height: 9, width: 11, pixels: new Uint8Array(99) };
const [height, width, depth] = [9, 11, 8];

test("an image's head tells format, size, channels and depth; of what is cut off before, nothing", async () => {
  const jpeg = await gray(one).jpeg().toBuffer();
  const progressive = await gray(one).toColourspace("srgb").jpeg({ progressive: true }).toBuffer();
  const filled = Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(3, 0xff), jpeg.subarray(2)]);
  for (const [file, channels] of [[jpeg, 1] as const, [filled, 1] as const, [progressive, 3] as const])
    assert.deepEqual(imageHead(file), { format: "jpeg", height, width, channels, depth });
  for (const [colours, channels] of [[0, 1] as const, [2, 3] as const, [3, 1] as const])
    assert.deepEqual(imageHead(pngFile(one, { colours, filters: [0] })), {
      format: "png",
      height,
      width,
      channels,
      depth,
      colourType: colours,
    });
  const wide = imageHead(await gray(one).toColourspace("grey16").png().toBuffer());
  assert.deepEqual([wide?.depth, wide?.channels], [16, 1]);
  const none = [
    Buffer.alloc(0),
    Buffer.from("GIF89a"),
    jpeg.subarray(0, 20),
    pngFile(one, { colours: 0, filters: [0] }).subarray(0, 23),
  ];
  for (const file of none) assert.equal(imageHead(file), undefined);
});

test("neither the library nor the list of decoders loads sharp", () => {
  const loaded = (file: string) => {
    const script = `await import(${JSON.stringify(new URL(file, import.meta.url).href)});
      console.log(process.report.getReport().sharedObjects.filter((name) => /sharp|vips/.test(name)).length)`;
    return Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }));
  };
  assert.equal(loaded("../../src/index.js"), 0);
  assert.equal(loaded("../../src/slices/decoders.js"), 0);
  assert.ok(loaded("./files.js") > 0, "the count sees sharp where it is loaded");
});
