import { existsSync } from "node:fs";
import { Transport } from "../bytes/http/transport.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../bytes/retrying.ts";
import type { IndexProgress } from "../catalogue/index-source.ts";
import { openIndexed } from "../coordinates/open-index.ts";
import { HubClient } from "../hub/hub-client.ts";
import { parseEndpoint, parseRepository } from "../hub/repository.ts";
import { findToken } from "../hub/token.ts";
import type { Layout } from "../model/layout.ts";
import { openSource } from "../source/open-source.ts";
import { openArchives } from "./archive-rows.ts";
import { openHubShards } from "./hub-shards.ts";
import { openShardFolder } from "./shard-folder.ts";
import type { Viewed } from "./viewed.ts";

export interface OpenViewedOptions {
  readonly endpoint?: string | undefined;
  readonly layout?: Layout;
  /** A folder or `owner/name` of an index that has the archives' directories. */
  readonly index?: string | undefined;
  readonly transport?: Transport | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: IndexProgress) => void;
}

export const hubAddress = (endpoint: string | undefined) =>
  parseEndpoint(endpoint ?? process.env["HF_ENDPOINT"] ?? "https://huggingface.co");

/** Opens shards in a folder or on the Hub, else the archives that are there. A folder that exists wins. */
export async function openViewed(text: string, options: OpenViewedOptions = {}): Promise<Viewed> {
  const { signal, layout, endpoint } = options;
  const repository = parseRepository(text);
  const isFolder = !text.startsWith("hf:") && (existsSync(text) || !repository);
  const transport = options.transport ?? new Transport();
  const shards = isFolder
    ? await openShardFolder(text)
    : await openHubShards(
        new HubClient({
          endpoint: hubAddress(endpoint),
          token: findToken(process.env),
          transport,
          retry: { ...defaultRetryPolicy, ...options.retry },
        }),
        repository!,
        signal,
      );
  if (shards) return { ...shards, close: () => transport.close() };
  const opening = { layout, endpoint, transport, signal, retry: options.retry };
  const { index } = options;
  const source = await (index === undefined ? openSource(text, opening) : openIndexed(text, index, opening));
  return openArchives(source, options);
}
