import type { Link } from "../bytes/http/http-source.ts";
import { checkPartial } from "../bytes/http/partial.ts";
import { redirectTarget } from "../bytes/http/redirect.ts";
import { withRetries } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";
import type { ModelScopeRepository } from "./address.ts";
import type { ModelScopeClient } from "./client.ts";
import type { ModelScopeFile } from "./listing.ts";

/** From an address of the API to the store; it takes one. */
const MAX_HOPS = 4;

/**
 * Where a file's bytes are: the API's own answer, or the store that it leads to, whose signed address is good for any number
 * of ranges until it is refused. The token goes to the endpoint alone.
 */
export function linkOf(
  client: ModelScopeClient,
  { id, revision }: ModelScopeRepository,
  file: ModelScopeFile,
  signal?: AbortSignal,
): Promise<Link> {
  const from = client.url(`datasets/${id}/repo`, { Revision: revision, FilePath: file.path });
  return withRetries(() => follow(client, from, file, signal), client.options.retry, signal);
}

async function follow(client: ModelScopeClient, from: URL, file: ModelScopeFile, signal?: AbortSignal): Promise<Link> {
  let url = from;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const answer = await client.request(url, file.path, { range: "bytes=0-0" }, signal);
    answer.body.destroy();
    const headers = client.authorization(url);
    if (answer.status < 300) {
      // A page put in its place must not be taken for the file.
      if (file.byteLength > 0) checkPartial(answer, { start: 0, end: 1 }, file.byteLength, file.path);
      return { url, headers, useUntilMs: Number.POSITIVE_INFINITY };
    }
    url = redirectTarget(answer.headers["location"], url, file.path);
    if (url.origin !== client.options.endpoint.origin)
      return { url, headers: {}, useUntilMs: Number.POSITIVE_INFINITY };
  }
  throw new EtlError("server-error", `${file.path}: ModelScope redirects in a circle`);
}
