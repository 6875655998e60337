import type { ByteSource } from "../bytes/byte-source.ts";
import { httpSource } from "../bytes/http/http-source.ts";
import type { HubClient } from "./hub-client.ts";
import { resolveLink } from "./resolve.ts";
import type { RepositoryFile } from "./tree.ts";

/** A file of a data set at one commit, to be read by ranges. */
export function hubFile(client: HubClient, id: string, commit: string, file: RepositoryFile): ByteSource {
  const { transport, retry } = client.options;
  const { path, byteLength } = file;
  const resolve = (signal?: AbortSignal) => resolveLink(client, id, commit, file, signal);
  return httpSource({ name: path, byteLength, resolve, transport, retry });
}
