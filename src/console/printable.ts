import { findToken } from "../hub/token.ts";

/** What a terminal obeys instead of showing it, and what turns the direction of text. Names and messages of others hold any. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const PROXIES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/** The same text with such characters as `\u001b` and the like, which is what they are in JSON too; line breaks stay. */
export function printable(text: string): string {
  return text.replace(OBEYED, (sign) =>
    sign === "\n" ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same text without the user's token and a proxy's password, should an error of others repeat them. */
export function concealed(text: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  let shown = text;
  for (const secret of secretsOf(env)) shown = shown.replaceAll(secret, "…");
  return shown;
}

function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const passwords = PROXIES.flatMap((name) => /\/\/([^/]*:[^/]*)@/.exec(env[name] ?? "")?.[1] ?? []);
  try {
    return [...passwords, findToken(env) ?? []].flat();
  } catch {
    return passwords;
  }
}
