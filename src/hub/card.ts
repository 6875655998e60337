import { parse } from "yaml";

/** A data set's README: its YAML front matter, and its text. Both empty where there is none. */
export interface Card {
  readonly front: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Takes a card apart; throws what the YAML library says where the front matter is no YAML mapping. */
export function parseCard(readme: string): Card {
  // Only a line that is exactly --- ends it: a value may end in dashes.
  const match = /^\uFEFF?---[ \t]*\r?\n(|[\s\S]*?\r?\n)---[ \t]*(?:\r?\n|$)/.exec(readme);
  if (!match) return { front: {}, text: readme };
  // Warnings would go to the terminal by themselves, with whatever the card holds.
  const front: unknown = parse(match[1]!, { logLevel: "error" }) ?? {};
  if (typeof front !== "object" || front === null || Array.isArray(front)) throw new TypeError("not a YAML mapping");
  return { front: front as Record<string, unknown>, text: readme.slice(match[0].length) };
}

/** As `parseCard`, for a card of others: one that cannot be read counts as text alone. */
export function readCard(readme: string | undefined): Card {
  try {
    return parseCard(readme ?? "");
  } catch {
    return { front: {}, text: readme ?? "" };
  }
}
