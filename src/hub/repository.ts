import { EtlError } from "../errors.ts";

/** A data set on a Hub, as `owner/name`, with the revision that the user named, and one folder of it where they named one. */
export interface Repository {
  readonly id: string;
  readonly revision: string;
  readonly folder?: string;
}

/** `owner/name[/folder][@revision]`, or the same behind `hf:`; undefined when the text is not of that form. */
export function parseRepository(text: string): Repository | undefined {
  const match = /^(?:hf:)?([\w.-]+\/[\w.-]+)(?:\/((?:[\w. -]+\/)*[\w. -]+)\/?)?(?:@([\w./-]+))?$/.exec(text);
  if (!match || text.startsWith(".") || text.startsWith("/")) return undefined;
  const [, id, folder, revision = "main"] = match;
  return { id: id!, revision, ...(folder !== undefined && { folder }) };
}

/** The repository of a source that may be one folder of it. */
export const repositoryOf = (sourceId: string) => sourceId.split("/", 2).join("/");

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

/** The id in `owner/name`; a revision has no place in it. */
export function repositoryId(text: string): string {
  const repository = parseRepository(text);
  if (repository?.revision !== "main" || repository.folder !== undefined)
    throw new EtlError("usage", `${text}: give the data set to publish to as owner/name`);
  return repository.id;
}
