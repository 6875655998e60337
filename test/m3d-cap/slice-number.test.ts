import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareSlices, sliceNumber } from "../../src/m3d-cap/slice-number.ts";

/** The zeros of all scripts' digits, from `unicodedata` of Python 3.11: a digit's value is its distance from its zero. */
const ZEROS = [
  0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
  0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
  0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
  0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
  0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];
/** What `str.isspace` of Python 3.11 is true for. */
const SPACES = [
  0x9, 0xa, 0xb, 0xc, 0xd, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
  0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
];
const character = (codes: readonly number[]) => fc.constantFrom(...codes).map((code) => String.fromCodePoint(code));
const digit = fc.tuple(fc.constantFrom(...ZEROS), fc.nat(9)).map(([zero, n]) => String.fromCodePoint(zero + n));

/** Python's int(text), written as CPython does it: one character after the other. Undefined for a ValueError. */
function pythonInt(text: string): bigint | undefined {
  let signs = [...text];
  const isSpace = (sign: string | undefined) => sign !== undefined && SPACES.includes(sign.codePointAt(0)!);
  while (isSpace(signs[0])) signs = signs.slice(1);
  while (isSpace(signs.at(-1))) signs = signs.slice(0, -1);
  const isNegative = signs[0] === "-";
  if (signs[0] === "-" || signs[0] === "+") signs = signs.slice(1);
  let [value, digits, wasDigit] = [0n, 0, false];
  for (const sign of signs) {
    if (sign === "_" && wasDigit) {
      wasDigit = false;
      continue;
    }
    const code = sign.codePointAt(0)!;
    const zero = ZEROS.find((one) => one <= code && code < one + 10);
    if (zero === undefined) return undefined;
    value = value * 10n + BigInt(code - zero);
    digits += 1;
    wasDigit = true;
  }
  if (!wasDigit || digits > 4300) return undefined;
  return isNegative ? -value : value;
}

const part = fc.oneof(
  { weight: 6, arbitrary: digit },
  { weight: 1, arbitrary: character(SPACES) },
  { weight: 1, arbitrary: fc.constantFrom("_", "+", "-", ".", "a", "²", "½", "\ufeff", "\u200b", "\0", "\u180e") },
);
const stem = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));

test("a stem is what Python's int() takes it for, digits of any script among them", () => {
  fc.assert(
    fc.property(
      fc.oneof(stem, fc.string({ minLength: 1, unit: "binary" })),
      fc.constantFrom(".png", ".jpeg"),
      (text, ending) => {
        const found = sliceNumber(text + ending);
        const expected = pythonInt(text);
        if (expected === undefined) assert.ok("bad" in found, JSON.stringify(text));
        else assert.deepEqual(found, { number: expected }, JSON.stringify(text));
      },
    ),
    { numRuns: 2000 },
  );
});

test("every digit of every script has its value, also where their runs follow upon each other", () => {
  for (const zero of ZEROS)
    for (let value = 0; value < 10; value++)
      assert.deepEqual(sliceNumber(`${String.fromCodePoint(zero + value)}.png`), { number: BigInt(value) });
});

test("digits that Unicode has had since then are none, whatever this Node knows", () => {
  for (const zero of [0x11f50, 0x1e4f0, 0x10d40, 0x116d0, 0x116da, 0x11bf0, 0x1ccf0, 0x1e5f1, 0x11de0])
    for (let value = 0; value < 10; value++)
      assert.ok("bad" in sliceNumber(`1${String.fromCodePoint(zero + value)}.png`), zero.toString(16));
});

test("numbers of hundreds of digits are numbers, those beyond Python's limit are none", () => {
  assert.deepEqual(sliceNumber(`${"9".repeat(4300)}.png`), { number: 10n ** 4300n - 1n });
  assert.ok("bad" in sliceNumber(`${"0".repeat(4301)}.png`));
  assert.ok("bad" in sliceNumber(`${"1_".repeat(500_000)}.png`));
  assert.ok("bad" in sliceNumber(`${" ".repeat(1_000_000)}x.png`));
  assert.ok(compareSlices(`${"1".repeat(401)}.png`, `${"9".repeat(400)}.png`) > 0);
});

test("names are in one order, whichever they are", () => {
  // Of a series with any other name there is no row.
  const name = stem.filter((text) => pythonInt(text) !== undefined).map((text) => `${text}.png`);
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), (names) => {
      const sorted = [...names].sort(compareSlices);
      const numbers = sorted.map((one) => pythonInt(one.slice(0, -".png".length))!);
      for (const [at, number] of numbers.entries()) assert.ok(at === 0 || numbers[at - 1]! <= number);
      assert.deepEqual([...names].reverse().sort(compareSlices), sorted);
    }),
    { numRuns: 300 },
  );
});
