import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { drawnStack, regrayed, reordered, type Stack, slicesOf, stackOf } from "../../devkit/audit/altered.ts";
import { findingsIn, rowOf } from "../../devkit/audit/audited.ts";
import type { Row } from "../../src/model/row.ts";

const body = drawnStack("series", 40);
const other = drawnStack("series of another patient", 40);
const REPORT = { report: "No abnormality is seen in the lungs, the liver, the spleen and the kidneys on this study." };
const kindsOf = async (stack: Stack, cells: Partial<Row> = {}) =>
  (await findingsIn([rowOf("ct_case/1/Axial", stack, { ...REPORT, ...cells })])).map(({ kind }) => kind);

/** The same white strokes on black over so many lines of every slice: two edges each. */
function struck(stack: Stack, strokes: number, [from, to]: readonly [number, number]): Stack {
  const { height, width } = stack;
  const column = (at: number) => at % width;
  const line = (at: number) => Math.floor(at / width) % height;
  const isStroke = (x: number) => x % 6 < 2 && x < strokes * 6;
  const within = (at: number) => line(at) >= from && line(at) < to && column(at) < strokes * 6;
  const cells = stack.cells.map((gray, at) => (within(at) ? (isStroke(column(at)) ? 255 : 0) : gray));
  return { ...stack, cells };
}

/** What has the fault, and what nearly has it. */
const faults: Readonly<Record<string, readonly [faulty: Stack, nearly: Stack]>> = {
  interleaved: [
    reordered(body, (slices) => slices.map((slice, z) => (z % 2 ? slice : slicesOf(other)[39 - z]!))),
    // Every other slice a little brighter, as from a scanner with two rows of detectors.
    reordered(body, (slices) =>
      slices.map((slice, z) => (z % 2 ? slice : slice.map((gray) => gray + (gray > 0 ? 2 : 0)))),
    ),
  ],
  "broken-order": [
    reordered(body, (slices) => slices.map((_, z) => slices[[...slices.keys()].map(String).sort().map(Number)[z]!]!)),
    // A gap of five slices.
    reordered(body, (slices) => slices.filter((_, z) => z < 18 || z > 22)),
  ],
  "mixed-windows": [
    reordered(body, (slices) =>
      slices.map((slice, z) => (z < 20 ? slice : slice.map((gray) => Math.min(255, gray * 1.8)))),
    ),
    // Brighter from end to end.
    reordered(body, (slices) => slices.map((slice, z) => slice.map((gray) => Math.min(255, gray * (1 + z / 60))))),
  ],
  "duplicate-slices": [
    reordered(body, (slices) => [...slices, slices[3]!]),
    reordered(body, (slices) => [...slices, slices[39]!.map((gray, at) => (at === 4000 ? gray ^ 1 : gray))]),
  ],
  "blank-slices": [
    reordered(body, (slices) => slices.map((slice, z) => (z < 13 ? slice.map(() => 0) : slice))),
    reordered(body, (slices) => slices.map((slice, z) => (z < 10 ? slice.map(() => 0) : slice))),
  ],
  "narrow-range": [regrayed(body, (gray) => 100 + gray / 20), regrayed(body, (gray) => 100 + gray / 10)],
  "few-slices": [drawnStack("few", 7), drawnStack("few", 8)],
  "cut-size": [drawnStack("strip", 12, 64, 192), drawnStack("strip", 12, 64, 188)],
  // Fourteen letters of eight lines; and a table of seven walls, on twenty.
  "burnt-in-text": [struck(body, 14, [4, 12]), struck(body, 7, [70, 90])],
};
for (const [kind, [faulty, nearly]] of Object.entries(faults))
  test(`${kind}: found in what has it, not in what nearly has it`, async () => {
    assert.deepEqual(
      (await kindsOf(faulty)).filter((one) => one === kind),
      [kind],
    );
    assert.deepEqual(await kindsOf(nearly), []);
  });

test("dropped slices are found by their count", async () => {
  assert.deepEqual(await kindsOf(body, { slices_dropped: 1 }), ["dropped-slices"]);
  assert.deepEqual(await kindsOf(body), []);
});

test("coloured slices are found by the series' own pictures; gray ones that are stored as RGB are not", async () => {
  const own = async (red: number) => {
    const one = async (slice: Uint8Array) => {
      const rgb = Uint8Array.from({ length: slice.length * 3 }, (_, at) => {
        // A line of colour, one pixel wide, on every tenth row.
        const [place, channel] = [Math.floor(at / 3), at % 3];
        const isLine = Math.floor(place / body.width) % 10 === 0;
        return isLine && channel === 0 ? Math.min(255, slice[place]! + red) : slice[place]!;
      });
      return sharp(rgb, { raw: { height: body.height, width: body.width, channels: 3 } })
        .jpeg({ quality: 85 })
        .toBuffer();
    };
    return Promise.all(slicesOf(body).map(async (slice, at) => ({ bytes: await one(slice), path: `${at}.jpeg` })));
  };
  assert.deepEqual(await kindsOf(body, { slices: await own(120) }), ["colour-slices"]);
  assert.deepEqual(await kindsOf(body, { slices: await own(0) }), []);
  const broken = (await own(120)).map(({ bytes, path }) => ({ bytes: bytes.subarray(0, 40), path }));
  assert.deepEqual(await kindsOf(body, { slices: broken }), []);
});

test("two series of a case that show the same under the names of two planes are found, others are not", async () => {
  const rows = (second: string, stack: Stack, plane: Row["plane"]) => [
    rowOf("ct_case/1/Axial_a", body, { ...REPORT, plane: "axial" }),
    rowOf(second, stack, { ...REPORT, plane }),
  ];
  const kinds = async (list: Row[]) =>
    (await findingsIn(list)).map(({ kind }) => kind).filter((kind) => /plane/.test(kind));
  const darker = regrayed(body, (gray) => gray * 0.8);
  assert.deepEqual(await kinds(rows("ct_case/1/Coronal", darker, "coronal")), ["wrong-plane"]);
  assert.deepEqual(await kinds(rows("ct_case/1/Axial_b", darker, "axial")), []);
  assert.deepEqual(await kinds(rows("ct_case/1/b", darker, null)), []);
  assert.deepEqual(await kinds(rows("ct_case/2/Coronal", darker, "coronal")), []);
  // The same trunk cut the other way: its slices lie along the body.
  const along = slicesOf(body).map((_, z) => {
    const y = Math.floor((z * body.height) / body.count);
    return Uint8Array.from({ length: body.height * body.width }, (_, at) => {
      const depth = Math.floor((Math.floor(at / body.width) * body.count) / body.height);
      return body.cells[(depth * body.height + y) * body.width + (at % body.width)]!;
    });
  });
  assert.deepEqual(await kinds(rows("ct_case/1/Coronal", stackOf(along, body.height, body.width), "coronal")), []);
});

test("two series of a case and plane that run against each other are found, of other planes or cases not", async () => {
  const turned = reordered(body, (slices) => slices.reverse());
  const rows = (second: string, cells: Partial<Row> = {}) => [
    rowOf("ct_case/1/Axial_a", body, { ...REPORT, plane: "axial" }),
    rowOf(second, turned, { ...REPORT, plane: "axial", ...cells }),
  ];
  const kinds = async (list: Row[]) => (await findingsIn(list)).map(({ kind }) => kind);
  assert.deepEqual(await kinds(rows("ct_case/1/Axial_b")), ["opposite-order"]);
  assert.deepEqual(await kinds(rows("ct_case/1/Coronal", { plane: "coronal" })), ["wrong-plane"]);
  const straight = rowOf(
    "ct_case/1/Axial_b",
    regrayed(body, (gray) => gray * 0.8),
    { ...REPORT, plane: "axial" },
  );
  assert.deepEqual(await kinds([rows("x/y/z")[0]!, straight]), []);
});

test("a resampled volume, from 0 to 1, is compared, and says nothing of order", async () => {
  const comb = faults["interleaved"]![0];
  const floats = (stack: Stack) => Float32Array.from(stack.cells, (gray) => gray / 255);
  const m3d = (stack: Stack): Partial<Row> => ({
    volume: new Uint8Array(floats(stack).buffer),
    volume_shape: [1, stack.count, stack.height, stack.width],
    volume_dtype: "float32",
  });
  assert.deepEqual(await kindsOf(comb, m3d(comb)), []);
  const rows = [
    rowOf("ct_case/1/Axial", body, { ...REPORT, ...m3d(body) }),
    rowOf("ct_case/2/Axial", body, { ...REPORT, pixels_sha256: "0" }),
  ];
  assert.deepEqual(
    (await findingsIn(rows)).map(({ kind }) => kind),
    ["near-volume"],
  );
  const framed = stackOf(slicesOf(body), body.height, body.width);
  assert.deepEqual(await kindsOf(framed), []);
});
