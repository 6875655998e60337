import unidecode from "unidecode";

/** Where the npm port of Unidecode is behind Python's, which made the split file's names. */
const newer: Readonly<Record<string, string>> = {
  "½": " 1/2",
  "¼": " 1/4",
  "¾": " 3/4",
  µ: "u",
  "€": "EUR",
  Ä: "A",
  Ö: "O",
  Ü: "U",
  ä: "a",
  ö: "o",
  ü: "u",
};

/** A name in ASCII, by the same table as Python's unidecode; characters that it does not know vanish. */
export function transliterate(name: string): string {
  let out = "";
  for (const character of name) {
    if (character.codePointAt(0)! < 0x80) out += character;
    else if (character in newer) out += newer[character];
    else if (character.length === 1) out += unidecode(character);
  }
  return out;
}
