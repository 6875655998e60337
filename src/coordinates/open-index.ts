import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { fileSource } from "../bytes/file-source.ts";
import { httpSource } from "../bytes/http/http-source.ts";
import { Transport } from "../bytes/http/transport.ts";
import { EtlError } from "../errors.ts";
import { type HubAccessOptions, hubClient } from "../hub/hub-access.ts";
import type { HubClient } from "../hub/hub-client.ts";
import { parseRepository, type Repository } from "../hub/repository.ts";
import { locate, resolveLink } from "../hub/resolve.ts";
import { type OpenOptions, openSource } from "../source/open-source.ts";
import type { Source } from "../source/source.ts";
import { ArchiveIndex } from "./archive-index.ts";
import { fitted } from "./fitted.ts";
import { INDEX_FILE } from "./layout.ts";

/** Opens the index in a folder, or the one that is `owner/name[@revision]` on the Hub; a folder that exists wins. */
export async function openIndex(
  text: string,
  options: HubAccessOptions & { readonly transport: Transport },
): Promise<ArchiveIndex> {
  const { signal } = options;
  const repository = parseRepository(text);
  if (!text.startsWith("hf:") && (existsSync(text) || !repository)) {
    return indexIn(text, signal);
  }
  if (!repository) throw new EtlError("usage", `--index ${text}: give a folder or owner/name[@revision]`);
  return ArchiveIndex.open(await remote(hubClient(options, options.transport), repository, signal), { signal });
}

/** The index in a folder. */
export async function indexIn(folder: string, signal?: AbortSignal): Promise<ArchiveIndex> {
  const file = path.join(folder, INDEX_FILE);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile())
    throw new EtlError("source-not-found", `${folder}: no ${INDEX_FILE} in it; voxshard index SOURCE --out makes one`);
  return ArchiveIndex.open(fileSource(file, found.size), { signal });
}

async function remote(client: HubClient, repository: Repository, signal: AbortSignal | undefined) {
  const { id } = repository;
  const { commit, file, link } = await locate(client, repository, INDEX_FILE, signal);
  const { transport, retry } = client.options;
  const links = [link];
  const resolve = async (signal?: AbortSignal) => links.pop() ?? resolveLink(client, id, commit, file, signal);
  return httpSource({ name: `${id}/${INDEX_FILE}`, byteLength: file.byteLength, resolve, transport, retry });
}

/** As `openSource`, with the archives' directories from an index, which must be of these archives. */
export async function openIndexed(text: string, indexText: string, options: OpenOptions = {}): Promise<Source> {
  const transport = options.transport ?? new Transport(options);
  try {
    const index = await openIndex(indexText, { ...options, transport });
    const source = await openSource(text, { ...options, transport, listing: index.listing });
    return fitted(source, index);
  } catch (error) {
    if (!options.transport) await transport.close();
    throw error;
  }
}
