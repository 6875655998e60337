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
  /** Instead of the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A client of the Hub that the options and the environment name. */
export function hubClient(options: HubAccessOptions, transport: Transport): HubClient {
  const { env = process.env } = options;
  const endpoint = parseEndpoint(options.endpoint ?? env["HF_ENDPOINT"] ?? "https://huggingface.co");
  const retry = { ...defaultRetryPolicy, ...options.retry };
  return new HubClient({ endpoint, token: findToken(env), transport, retry });
}

/** Runs `work` with a client of the Hub that the options and the environment name. */
export async function withHub<T>(options: HubAccessOptions, work: (client: HubClient) => Promise<T>): Promise<T> {
  const transport = options.transport ?? new Transport();
  try {
    return await work(hubClient(options, transport));
  } finally {
    if (!options.transport) await transport.close();
  }
}
