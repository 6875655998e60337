import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_NAME_BYTES, placeOf } from "../../src/m3d-cap/member-path.ts";
import { transliterate } from "../../src/m3d-cap/transliterate.ts";

const name = fc.oneof(
  fc.constantFrom(
    "..",
    ".",
    "",
    "000001",
    "12",
    "ct_case",
    "ct_quizze_07",
    "a",
    "text.txt",
    "0.png",
    "\0",
    "\u202e",
    "a\\b",
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constant("x".repeat(MAX_NAME_BYTES + 1)),
);
const anyPath = fc.oneof(
  fc.array(name, { maxLength: 7 }).map((parts) => parts.join("/")),
  fc.string({ unit: "binary" }),
);

test("a path is nowhere, or has plain parts; a name that none can work with says so", () => {
  fc.assert(
    fc.property(anyPath, anyPath, (archive, member) => {
      const place = placeOf(archive, member);
      if (!place) return;
      assert.match(place.caseId, /^\d{1,12}$/);
      assert.match(place.collection ?? "ct_case", /^ct_(case|quizze)$/);
      const names = place.kind === "series" ? [place.series, place.file] : [place.file];
      assert.ok(member.endsWith([place.caseId, ...names].join("/")));
      for (const one of names) assert.ok(one !== "" && one !== "." && one !== ".." && !one.includes("/"));
      if (place.kind === "case") return;
      const hostile = names.some((one) => /[\p{Cc}\u202e\\]/u.test(one) || Buffer.byteLength(one) > MAX_NAME_BYTES);
      if (hostile) assert.ok(place.bad, JSON.stringify(names));
    }),
    { numRuns: 3000 },
  );
});

test("any name becomes ASCII, the same each time, and in time that grows with it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const ascii = transliterate(text);
      assert.match(ascii, /^[\0-\x7f]*$/);
      assert.equal(transliterate(ascii), ascii);
    }),
    { numRuns: 1000 },
  );
  assert.equal(transliterate("ö".repeat(1_000_000)).length, 1_000_000);
});
