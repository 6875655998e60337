import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import unidecode from "unidecode";

// Writes src/m3d-cap/transliteration.json anew: where the npm port of Unidecode differs from Python's, by which the split
// file's names were made. `PYTHON` names a Python that has Unidecode 1.4; of 1.3.6 what later versions changed is filled in.
const python = `import json, unidecode
table = {c: unidecode.unidecode(chr(c)) for c in range(0x80, 0x110000) if not 0xd800 <= c < 0xe000}
print(json.dumps({c: text for c, text in table.items() if text}))`;
const since136: Readonly<Record<string, string>> = {
  "\u1e9e": "SS",
  "\u2103": "degC",
  "\u2109": "degF",
  "\u211f": "R/",
  "\u2123": "V/",
  "\u214d": "A/S",
  "\u30a0": "=",
  "\u30fb": "*",
  "\u30fc": "-",
  "\u{1f19c}": "[2nd-Scr]",
  "\u{1f1a9}": "[Lossless]",
};
const options = { encoding: "utf8", maxBuffer: 64 << 20 } as const;
const known = JSON.parse(execFileSync(process.env["PYTHON"] ?? "python3", ["-W", "ignore", "-c", python], options));
for (const [character, text] of Object.entries(since136)) known[character.codePointAt(0)!] = text;

/** Runs of characters that have the same text: [first, how many, text]. */
const runs: [number, number, string][] = [];
let differing = 0;
for (let code = 0x80; code < 0x110000; code++) {
  if (code >= 0xd800 && code < 0xe000) continue;
  const text: string = known[code] ?? "";
  if (portOf(code) === text) continue;
  differing += 1;
  const last = runs.at(-1);
  if (last && last[0] + last[1] === code && last[2] === text) last[1] += 1;
  else runs.push([code, 1, text]);
}
const lines: string[] = [];
for (let at = 0; at < runs.length; at += 40) lines.push(JSON.stringify(runs.slice(at, at + 40)).slice(1, -1));
writeFileSync("src/m3d-cap/transliteration.json", `[\n${lines.join(",\n")}\n]\n`);
console.log(`${differing} characters differ, in ${runs.length} runs`);

/** The port knows one unit of UTF-16 at a time. */
function portOf(code: number): string {
  return code > 0xffff ? "" : unidecode(String.fromCharCode(code));
}
