import { readFileSync } from "node:fs";
import unidecode from "unidecode";

/** Where the npm port of Unidecode differs from Python's 1.4, which made the split file's names: see scripts/transliteration.ts. */
const file = new URL("../../../src/m3d-cap/transliteration.json", import.meta.url);
let newer: ReadonlyMap<number, string> | undefined;

function readNewer(): ReadonlyMap<number, string> {
  const runs: readonly (readonly [first: number, count: number, text: string])[] = JSON.parse(
    readFileSync(file, "utf8"),
  );
  return new Map(
    runs.flatMap(([first, count, text]) => Array.from({ length: count }, (_, at) => [first + at, text] as const)),
  );
}

/** A name in ASCII, by the same table as Python's unidecode; characters that it does not know vanish. */
export function transliterate(name: string): string {
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  newer ??= readNewer();
  let out = "";
  for (const character of name) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) out += character;
    else out += newer.get(code) ?? (code > 0xffff ? "" : unidecode(character));
  }
  return out;
}
