import { EtlError } from "../../errors.ts";

/** Where a redirect leads; never from https to something less safe. */
export function redirectTarget(location: string | string[] | undefined, from: URL, path: string): URL {
  if (typeof location !== "string") throw new EtlError("server-error", `${path}: the server redirects to nowhere`);
  if (!URL.canParse(location, from.href))
    throw new EtlError("server-error", `${path}: the server redirects to what is not an address`);
  const target = new URL(location, from);
  if (target.protocol !== "https:" && target.protocol !== from.protocol)
    throw new EtlError("server-error", `${path}: the server redirects to ${target.protocol}//, which is less safe`);
  return target;
}
