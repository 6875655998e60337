import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { findPython } from "../../scripts/python.ts";
import { transliterate } from "../../src/m3d-cap/transliterate.ts";

/** Right-hand sides by the tables of Python's unidecode, which made the names in M3D_Cap.json. */
const names: readonly (readonly [string, string])[] = [
  ["Axial_non_contrast", "Axial_non_contrast"],
  ["Pöschl", "Poschl"],
  ["Stenvers_ÄÖÜäöü", "Stenvers_AOUaou"],
  ["Straße", "Strasse"],
  ["Ångström", "Angstrom"],
  ["Łódź", "Lodz"],
  ["Ærø_Þórr_ðuvet", "AEro_Thorr_duvet"],
  ["Đorđe_Œuvre_œ", "Dorde_OEuvre_oe"],
  ["İstanbul_ığ", "Istanbul_ig"],
  ["ŉ_Ŋŋ_Ĳ", "'n_ngNG_IJ"],
  ["naïve–café—x", "naive-cafe--x"],
  ["“q”_‘s’_„low‚_…", "\"q\"_'s'_,,low,_..."],
  ["a\u00a0b\u2009c\u200bd", "a b c d"],
  ["10µm_±_×_÷_°", "10um_+-_x_/_deg"],
  ["¼_½_¾", " 1/4_ 1/2_ 3/4"],
  ["≥5_≤3_−1_№2", ">=5_<=3_-1_No. 2"],
  ["¦¬¯·¿¡", "|!-*?!"],
  ["©®ªº²³¹", "(c)(r)ao231"],
  ["C1\u0080\u0099x", "C1x"],
  ["Ωμεγα", "Omega"],
  ["Жуков_Щ_ё", "Zhukov_Shch_io"],
  ["ǅ_Ǆ_ǈ", "Dz_DZ_Lj"],
  ["lung\u{1f9e0}", "lung"],
  ["a\u2028b\u2029c", "a\nb\n\nc"],
];

for (const [name, expected] of names)
  test(`${JSON.stringify(name)} becomes ${JSON.stringify(expected)}`, () => {
    assert.equal(transliterate(name), expected);
  });

const python = findPython(["unidecode"]);
test(
  "every character is what Python's unidecode makes of it",
  python ? {} : { skip: "no Python with unidecode" },
  () => {
    const script = `import json, unidecode
print(json.dumps([unidecode.unidecode(chr(c)) for c in range(0x110000) if not 0xd800 <= c < 0xe000]))`;
    const options = { encoding: "utf8", maxBuffer: 64 << 20 } as const;
    const theirs: string[] = JSON.parse(execFileSync(python!, ["-W", "ignore", "-c", script], options));
    const all = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code < 0xd800 || code >= 0xe000);
    const wrong = all.filter((code, at) => transliterate(String.fromCodePoint(code)) !== theirs[at]);
    // What 1.3.7 and 1.3.8 changed, where the Python here has an older one.
    const since136 = [0x1e9e, 0x2103, 0x2109, 0x211f, 0x2123, 0x214d, 0x30a0, 0x30fb, 0x30fc, 0x1f19c, 0x1f1a9];
    assert.deepEqual(
      wrong.filter((code) => !since136.includes(code)),
      [],
    );
  },
);

test("every character of 16 bits becomes ASCII", () => {
  const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  assert.deepEqual(
    all.filter((one) => /[^\0-\x7f]/.test(transliterate(one))),
    [],
  );
});
