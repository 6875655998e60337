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
  try {
    const url = new URL(text.endsWith("/") ? text : `${text}/`);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch {}
  throw new EtlError("usage", `${text}: not an http(s) address; give --endpoint https://…`);
}
