import { findToken } from "../hub/token.ts";

/** What a terminal obeys instead of showing it, and what turns the direction of text. Names and messages of others hold any. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const PROXIES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/** The same text with such characters as `\u001b` and the like, which is what they are in JSON too; line breaks and tabs stay. */
function printable(text: string): string {
  return text.replace(OBEYED, (sign) =>
    sign === "\n" || sign === "\t" ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Makes texts printable and takes the user's token and a proxy's password out, should an error of others repeat them. It
 * looks them up once: progress is shown many times a second.
 */
export function cleaner(env: Readonly<Record<string, string | undefined>> = process.env): (text: string) => string {
  const secrets = secretsOf(env);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, "…"), printable(text));
}

function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const passwords = PROXIES.flatMap((name) => /\/\/([^/]*:[^/]*)@/.exec(env[name] ?? "")?.[1] ?? []);
  try {
    return [...passwords, findToken(env) ?? []].flat();
  } catch {
    return passwords;
  }
}
