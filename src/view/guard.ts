import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

/** The part of the address that only whoever was shown it knows. */
export const newKey = () => randomBytes(16).toString("base64url");

/** Names by which the page may be asked for: what another site resolves to this machine is none of them. */
export function hostsOf(host: string, port: number): ReadonlySet<string> {
  const names = new Set([host, ...(isLoopback(host) ? ["127.0.0.1", "localhost", "::1"] : [])]);
  if (isEverywhere(host)) for (const name of ["127.0.0.1", "localhost", hostname().toLowerCase()]) names.add(name);
  return new Set([...names].map((name) => `${isIP(name) === 6 ? `[${name}]` : name}:${port}`));
}

export const isLoopback = (host: string) => host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
const isEverywhere = (host: string) => host === "0.0.0.0" || host === "::";

/** Why a request is refused: a status, or undefined where it may pass. */
export function refusal(
  { headers, method }: IncomingMessage,
  bound: string,
  hosts: ReadonlySet<string>,
): number | undefined {
  if (method !== "GET" && method !== "HEAD") return 405;
  const host = headers.host?.toLowerCase() ?? "";
  // Where all interfaces listen, the machine's own addresses are names of it; a name that a stranger chose is not.
  const isAddress = isEverywhere(bound) && isIP(host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")) !== 0;
  if (!hosts.has(host) && !isAddress) return 421;
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return 403;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && !["same-origin", "none"].includes(String(site)) && headers["sec-fetch-mode"] !== "navigate")
    return 403;
  return undefined;
}

/** What follows the key in an address; undefined where the key is another. Takes as long for a near miss as for a far one. */
export function afterKey(address: string, key: string): string | undefined {
  const [, given = "", rest] = /^\/([^/?]*)(\/.*)?$/s.exec(address) ?? [];
  const [mine, theirs] = [Buffer.from(key), Buffer.from(given)];
  if (mine.byteLength !== theirs.byteLength || !timingSafeEqual(mine, theirs)) return undefined;
  return rest ?? "";
}

/** Of every answer: nothing from elsewhere, nothing inline, in no one's frame. */
export const safeHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};
