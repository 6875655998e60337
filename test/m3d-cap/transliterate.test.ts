import assert from "node:assert/strict";
import { test } from "node:test";
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
  ["¼_½_¾", " 1/4 _ 1/2 _ 3/4 "],
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

test("every character of 16 bits becomes ASCII", () => {
  const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  assert.deepEqual(
    all.filter((one) => /[^\0-\x7f]/.test(transliterate(one))),
    [],
  );
});
