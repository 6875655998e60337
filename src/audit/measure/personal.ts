import type { Hit } from "../facts.ts";

const MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*";
/** What reads like personal data. Reports speak of T12, L4/5 and 3 x 4 cm: none of these may be taken for it. */
const patterns: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["date", /\b(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})\b/g],
  ["date", new RegExp(`\\b\\d{1,2}(?:st|nd|rd|th)? (?:of )?${MONTH},? (?:19|20)\\d{2}\\b`, "gi")],
  ["date", new RegExp(`\\b${MONTH} \\d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\\d{2}\\b`, "gi")],
  ["name", /\b(?:Dr|Prof|Mr|Mrs|Ms|Miss)\.? [A-Z][A-Za-zÀ-ɏ'-]+(?: [A-Z][A-Za-zÀ-ɏ'-]+)?/g],
  [
    "name",
    /\b(?:[Rr]eported|[Dd]ictated|[Ss]igned|[Rr]eferred|[Vv]erified) by:? (?!Dr|Prof|Mr|Mrs|Ms)[A-Z][A-Za-zÀ-ɏ'-]+(?: [A-Z][A-Za-zÀ-ɏ'-]+)?/g,
  ],
  ["hospital", /\b(?:[A-Z][A-Za-zÀ-ɏ'.-]+ ){1,4}(?:Hospital|Clinic|Infirmary|Medical Cent(?:er|re))\b/g],
  ["e-mail", /\b[\w.+-]+@[\w-]+\.[\w.]+\b/g],
  ["telephone", /(?<![\w.])(?:\+\d{1,3}[ -]?)?(?:\(\d{2,4}\)[ -]?|\d{3,5}[ -])\d{3,4}[ -]\d{3,4}(?!\w|\.\d)/g],
  [
    "number",
    /\b(?:MRN|NHS|SSN|[Aa]ccession|[Pp]atient ID|[Hh]ospital (?:[Nn]o|[Nn]umber))\W{0,3}(?:[Nn]o\.? ?)?\d[\d -]{3,}\d/g,
  ],
  ["address", /\b\d{1,4} (?:[A-Z][A-Za-zÀ-ɏ'-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Square|Boulevard)\b/g],
];
/** All of them have one of these. The engine compiles patterns anew after it has cleared memory, a millisecond each: most reports need but this. */
const MARK =
  /(?:19|20)\d\d|\b(?:Dr|Prof|Mr|Mrs|Ms|Miss)\b|(?:ed|gned) by\b|Hospital|Clinic|Infirmary|Medical|@|\d\d[ )-]{1,2}\d{3}|MRN|NHS|SSN|ccession|atient ID|ospital|Street|St\b|Road|Rd\b|Ave|Lane|Drive|Square|Boulevard/;
/** Eponyms and planes that a title's pattern would take for people. */
const NOT_NAMES = /^(?:Ms? (?:I|V|IV)\b)/;
const MOST_HITS = 8;

/** What in a text looks like personal data, masked. */
export function personalData(text: string): Hit[] {
  const hits: Hit[] = [];
  if (!MARK.test(text)) return hits;
  for (const [what, pattern] of patterns)
    for (const [found] of text.matchAll(pattern)) {
      if (NOT_NAMES.test(found)) continue;
      hits.push({ what, masked: masked(found) });
      if (hits.length === MOST_HITS) return hits;
    }
  return hits;
}

/** The same text with all of it masked. */
export function withoutPersonalData(text: string): string {
  return patterns.reduce((shown, [, pattern]) => shown.replace(pattern, (found) => masked(found)), text);
}

/** First letters and punctuation stay: enough to see what kind of thing it was. */
const masked = (text: string) =>
  text
    .replace(/\p{N}/gu, "•")
    .replace(/(\p{L})([\p{L}'’]*)/gu, (_, first: string, rest: string) => first + "•".repeat(rest.length));
