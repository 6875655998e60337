import { Transport } from "../bytes/http/transport.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../bytes/retrying.ts";
import { HubClient } from "./hub-client.ts";
import { parseEndpoint } from "./repository.ts";
import { findToken } from "./token.ts";

export interface HubAccessOptions {
  /** The Hub's address; beats HF_ENDPOINT. */
  readonly endpoint?: string | undefined;
  /** Counts requests and bytes; made anew where none is given. */
  readonly transport?: Transport | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `work` with a client of the Hub that the options and the environment name. */
export async function withHub<T>(options: HubAccessOptions, work: (client: HubClient) => Promise<T>): Promise<T> {
  const endpoint = parseEndpoint(options.endpoint ?? process.env["HF_ENDPOINT"] ?? "https://huggingface.co");
  const transport = options.transport ?? new Transport();
  const retry = { ...defaultRetryPolicy, ...options.retry };
  try {
    return await work(new HubClient({ endpoint, token: findToken(process.env), transport, retry }));
  } finally {
    if (!options.transport) await transport.close();
  }
}
