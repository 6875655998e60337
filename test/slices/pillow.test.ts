import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { deflateSync, inflateSync } from "node:zlib";
import { findPython } from "../../scripts/python.ts";
import { Arena } from "../../src/kernels/arena.ts";
import { decodeSlices } from "../../src/slices/decode-slices.ts";
import { chunk, pngFile } from "./files.ts";

// Files that libvips reads one way and Pillow may read another, each with what Pillow 12.3 makes of it: the first eight
// digits of its pixels' SHA-1, or null where it refuses the file. The pictures themselves are Pillow's.
const base64 = (text: string) => Buffer.from(text, "base64");
const TABLE =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//";
const baseline = base64(
  `${TABLE}wAALCAARABgBAREA/8QAFwAAAwEAAAAAAAAAAAAAAAAABAUGA//EAC0QAAIBAwICBwkAAAAAAAAAAAECAwQRIQUSADEGExRBYWLCIjI0QkNygcHR/9oACAEBAAA/ABKHo/Q0cix1VXTK8alpFuHI223AgfN5cnnYGxsfFPptMB2alqaw3UWSAqCDfdlgMgeGSVF+ZBcuo6ozqNH0do1Vg2+oUN1g22sVHu5N8NfHiRwvWQmSaKHtAUkqixUwQWO24VwjEW9rIJOFIJ3EjeVZ1oZJ5KmakG4usks06xqWIBB2xrjkALgC+B3FWs/X1JTUIIZZVdgRMQXDWUG95/KAe+wA4n9G+n+PTxZUHwrfZ+l4qNL/AL6uP//Z`,
);
const progressive = base64(
  `${TABLE}wgALCAARABgBAREA/8QAFgAAAwAAAAAAAAAAAAAAAAAAAwQF/9oACAEBAAAAAQsFXIrPs1P/xAAcEAACAwADAQAAAAAAAAAAAAABAgADEQQSITL/2gAIAQEAAQUCTjohBrWGy2b6d6brUxPmqf/EACQQAAIBAQYHAAAAAAAAAAAAAAECABEDEBIjYYEhIjFBcrHx/9oACAEBAAY/AqMy8Os5VZ9pk2NPLvCBi2WEliupJp6mYATr9gv/AP/EACIQAAEDAgYDAAAAAAAAAAAAAAEAETEhYUFRcZGh8IHB0f/aAAgBAQABPyEUDEHCYnzZWZIbrPYRBDgAu4PDLDdDAqAGMoLG/GaAa03AMH0BCmDCb3p6rpsp9Pi65X//2gAIAQEAAAAQsH//xAAeEAEBAAICAgMAAAAAAAAAAAABEQAhMWFBwVHR8P/aAAgBAQABPxBANKBmkIex5gxhpaojhG8gbDrai8oZACJDSI+TdVrtMRhEosx2BYnkK6QtIUVplCBHgcAUC6PDXK0iEwG3qHzAM9WP09Y+2P/Z`,
);
const one = { height: 5, width: 6, pixels: Uint8Array.from({ length: 30 }, (_, at) => at * 8) };
const png = pngFile(one, { colours: 0, filters: [1] });
const [IEND, BEFORE] = [png.length - 12, 33];

/** The picture's head, then compressed rows in chunks of their own. */
const rows = png.subarray(BEFORE + 8, IEND - 4);
const inChunks = (...data: Uint8Array[]) =>
  Buffer.concat([png.subarray(0, BEFORE), ...data.map((one) => chunk("IDAT", one)), png.subarray(IEND)]);
const more = deflateSync(Buffer.concat([inflateSync(rows), Buffer.alloc(100_000)]), { level: 0 });

const put = (file: Buffer, at: number, ...bytes: number[]) =>
  Buffer.concat([file.subarray(0, at), Buffer.from(bytes), file.subarray(at)]);
const over = (file: Buffer, at: number, ...bytes: number[]) =>
  Buffer.concat([file.subarray(0, at), Buffer.from(bytes), file.subarray(at + bytes.length)]);
const behind = (...more: Buffer[]) => Buffer.concat([png.subarray(0, IEND), ...more]);
const before = (more: Buffer) => Buffer.concat([png.subarray(0, BEFORE), more, png.subarray(BEFORE)]);
const frame = (file: Buffer, marker: number) => {
  const at = file.indexOf(Buffer.of(0xff, marker, 0, 11));
  assert.ok(at > 0);
  return at + 1;
};
const scan = baseline.indexOf(Buffer.of(0xff, 0xda)) + 10;
const middle = scan + 90;
const second = progressive.lastIndexOf(Buffer.of(0xff, 0xda)) + 10;
const fill = Array.from({ length: 40 }, () => 0xff);

const cases: readonly (readonly [name: string, file: Buffer, sha1: string | null])[] = [
  ["a baseline JPEG", baseline, "b60914bf"],
  ["a progressive JPEG", progressive, "b60914bf"],
  ["SOI in the scan", put(baseline, middle, 0xff, 0xd8), null],
  ["SOI in a progressive scan", put(progressive, second + 20, 0xff, 0xd8), null],
  ["a second picture from the middle on", Buffer.concat([baseline.subarray(0, middle), baseline]), null],
  ["a second scan in a baseline JPEG", put(baseline, middle, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0), null],
  ["a second frame", put(baseline, middle, ...baseline.subarray(frame(baseline, 0xc0) - 1, scan)), null],
  ["a marker of no meaning", put(baseline, middle, 0xff, 0x4e), null],
  ["an extension's marker", put(baseline, middle, 0xff, 0xf3, 0, 4, 1, 1), null],
  ["a run of 0xFF over the data", over(baseline, middle, ...fill), null],
  ["a run of 0xFF between the data", put(baseline, middle, ...fill), null],
  ["EOI too early", put(baseline, middle, 0xff, 0xd9), "5cbaa216"],
  ["a stray RST", put(baseline, middle, 0xff, 0xd3), "5cbaa216"],
  ["a comment in the scan", put(baseline, middle, 0xff, 0xfe, 0, 4, 1, 2), "5cbaa216"],
  ["a segment that leads beyond the file", put(baseline, middle, 0xff, 0xe5, 0xff, 0xff), "5cbaa216"],
  ["a Huffman table that is none", put(baseline, middle, 0xff, 0xc4, 0, 9, 1, 2, 3, 4, 5, 6, 7), null],
  ["a restart interval of another length", put(baseline, middle, 0xff, 0xdd, 0, 5, 0, 0, 1), null],
  ["arithmetic conditions out of order", put(baseline, middle, 0xff, 0xcc, 0, 4, 0, 0x0f), null],
  ["arithmetic coding that it is not", over(baseline, frame(baseline, 0xc0), 0xc9), "b01f099a"],
  ["progressive arithmetic coding that it is not", over(progressive, frame(progressive, 0xc2), 0xca), "04b2221f"],
  ["junk between the segments of the head", put(baseline, 20, 1, 2, 3), "b60914bf"],
  ["TEM in the head", put(baseline, 20, 0xff, 0x01), null],
  ["a short Adobe segment", put(baseline, 2, 0xff, 0xee, 0, 8, ...Buffer.from("Adobe\0")), null],
  ["a short ICC segment", put(baseline, 2, 0xff, 0xe2, 0, 14, ...Buffer.from("ICC_PROFILE\0")), null],
  [
    "a resource without a name",
    put(baseline, 2, 0xff, 0xed, 0, 22, ...Buffer.from("Photoshop 3.0\x008BIM\x04\x04")),
    null,
  ],
  ["a PNG", png, "0157bdc0"],
  ["a PNG without IEND", png.subarray(0, IEND), "0157bdc0"],
  ["a PNG cut in its checksum of the rows", png.subarray(0, IEND - 2), "0157bdc0"],
  ["a PNG cut in the rows", png.subarray(0, IEND - 14), null],
  ["another chunk of rows, cut off behind them", inChunks(rows, Buffer.alloc(9)).subarray(0, IEND + 14), null],
  ["rows with a wrong checksum of their own", inChunks(over(rows, rows.length - 1, rows.at(-1)! ^ 1)), null],
  ["more rows than the head says", inChunks(more), "0157bdc0"],
  ["a text cut off behind the pixels", behind(chunk("tEXt", Buffer.alloc(40)).subarray(0, 30)), null],
  ["a text behind the pixels, IEND missing", behind(chunk("tEXt", Buffer.from("a\0b"))), "0157bdc0"],
  ["no chunk behind the pixels", behind(Buffer.from("\0\0\0\x01\0\0\0\0 more")), "0157bdc0"],
  ["a short pHYs behind the pixels", behind(chunk("pHYs", Buffer.alloc(4)), png.subarray(IEND)), null],
  ["a wrong checksum behind the pixels", behind(Buffer.from("\0\0\0\x01tEXtaaaaa"), png.subarray(IEND)), "0157bdc0"],
  ["a short sRGB before the pixels", before(chunk("sRGB", Buffer.alloc(0))), null],
  ["a profile of unknown compression", before(chunk("iCCP", Buffer.from("a\0\x07abc"))), null],
  ["a short tRNS", before(chunk("tRNS", Buffer.alloc(1))), null],
  [
    "lossless WebP",
    base64("UklGRkAAAABXRUJQVlA4TDMAAAAvBQABAAXTAACTPLR7LK67tOFuzSHqAXzAlxH9D0CS9/+a88hSWpa+HIooqhLoiJxHFgIA"),
    "ad4e1e1a",
  ],
];

/** Read by Pillow, but turned, transparent, or by other arithmetic. */
const dropped: Readonly<Record<string, Buffer>> = {
  GIF: base64("R0lGODlhBgAFAIEAAJ6enoSEhHt7e1ZWViH5BAEAAAEALAAAAAAGAAUAAAgbAAcMCACgIEEAAQIMDCAgIcOGCgUMEFBQgICAADs="),
  TIFF: base64(
    "SUkqAAgAAAAKAAABBAABAAAABgAAAAEBBAABAAAABQAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAAhgAAABIBAwABAAAABgAAABYBBAABAAAABQAAABcBBAABAAAAHgAAABwBAwABAAAAAQAAAAAAAAAsWYCmwbKIopqCgWGFhXuFjIR+foaAVnRZb5WTbH0=",
  ),
  AVIF: base64(
    "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOltZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAAQ0AAAAeAAAAKGlpbmYAAAAAAAEAAAAaaW5mZQIAAAAAAQAAYXYwMUNvbG9yAAAAAGhpcHJwAAAASWlwY28AAAAUaXNwZQAAAAAAAAAGAAAABQAAAA5waXhpAAAAAAEIAAAADGF2MUOBABwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAJm1kYXQSAAoIGAisaYCGg1AyEB7FWd/+LADFsh32zY5sH8A=",
  ),
};

const digits = (pixels: Uint8Array) => createHash("sha1").update(pixels).digest("hex").slice(0, 8);

for (const [name, file, sha1] of cases)
  test(`${name}: ${sha1 === null ? "dropped, as Pillow refuses it" : "Pillow's pixels"}`, async () => {
    const { slices } = await decodeSlices([file], new Arena());
    assert.equal(slices[0] ? digits(slices[0].pixels) : null, sha1);
  });

for (const [name, file] of Object.entries(dropped))
  test(`${name} under another name is dropped`, async () => {
    assert.deepEqual((await decodeSlices([file], new Arena())).slices, [null]);
  });

const ASK = `
import base64, hashlib, io, json, sys, warnings
from PIL import Image
warnings.simplefilter("ignore")
def verdict(file):
    try:
        return hashlib.sha1(Image.open(io.BytesIO(base64.b64decode(file))).convert("L").tobytes()).hexdigest()[:8]
    except Exception:
        return None
print(json.dumps([verdict(line) for line in sys.stdin]))
`;

test("what is said here of Pillow is what Pillow does", (t) => {
  const python = findPython(["PIL"]);
  if (!python) return t.skip("Python's Pillow is not installed");
  const input = [...cases.map(([, file]) => file), ...Object.values(dropped)].map((file) => file.toString("base64"));
  const verdicts: (string | null)[] = JSON.parse(
    execFileSync(python, ["-c", ASK], { input: input.join("\n"), encoding: "utf8" }),
  );
  const said = cases.map(([name, , sha1], at) => [name, sha1, verdicts[at]] as const);
  assert.deepEqual(
    said.filter(([, sha1, verdict]) => sha1 !== verdict),
    [],
  );
  assert.ok(verdicts.slice(cases.length).every((verdict) => verdict !== null));
});
