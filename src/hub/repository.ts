import { EtlError } from "../errors.ts";

/** A data set on a Hub, as `owner/name`, with the revision that the user named. */
export interface Repository {
  readonly id: string;
  readonly revision: string;
}

/** `owner/name[@revision]` or `hf:owner/name[@revision]`; undefined when the text is not of that form. */
export function parseRepository(text: string): Repository | undefined {
  const match = /^(?:hf:)?([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(text);
  if (!match || text.startsWith(".") || text.startsWith("/")) return undefined;
  return { id: match[1]!, revision: match[2] ?? "main" };
}

/** The endpoint that `--endpoint` or HF_ENDPOINT names, as an origin with an optional path. */
export function parseEndpoint(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text.endsWith("/") ? text : `${text}/`);
  } catch {}
  // Not repeated here: whatever stands before an @ may be a password.
  if (url?.username || url?.password || text.includes("@"))
    throw new EtlError("usage", "--endpoint: give it without a name and password; the token is found in HF_TOKEN");
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return url;
  throw new EtlError("usage", `${text}: not an http(s) address; give --endpoint https://…`);
}
