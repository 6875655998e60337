import unidecode from "unidecode";

/** Where the npm port of Unidecode differs from Python's, which made the split file's names. */
const newer: Readonly<Record<string, string>> = {
  "½": " 1/2 ",
  "¼": " 1/4 ",
  "¾": " 3/4 ",
  "¦": "|",
  "€": "EUR",
  // Separators of lines and paragraphs, which the port leaves as they are.
  "\u2028": "\n",
  "\u2029": "\n\n",
};
/** C1 control characters: the port takes them for Windows' letters, Python leaves them out. */
const isControl = (code: number) => code < 0xa0;

/** A name in ASCII, by the same table as Python's unidecode; characters that it does not know vanish. */
export function transliterate(name: string): string {
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  let out = "";
  for (const character of name) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) out += character;
    else if (isControl(code)) continue;
    else if (character in newer) out += newer[character];
    else if (character.length === 1) out += unidecode(character);
  }
  return out;
}
