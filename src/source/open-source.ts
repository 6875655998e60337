import { existsSync } from "node:fs";
import path from "node:path";
import { Transport } from "../bytes/http/transport.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";
import { parseEndpoint, parseRepository } from "../hub/repository.ts";
import { findToken } from "../hub/token.ts";
import type { Layout } from "../model/layout.ts";
import { modelScopeEndpoint, modelScopeToken, parseModelScope } from "../modelscope/address.ts";
import { openHubSource } from "./hub-source.ts";
import { openLocalSource } from "./local-source.ts";
import { openModelScopeSource } from "./modelscope-source.ts";
import type { KnownListing, Source } from "./source.ts";

export interface OpenOptions {
  /** The Hub's address; beats HF_ENDPOINT. */
  readonly endpoint?: string | undefined;
  /** Sockets to one server; without it, as many as bring more bytes. */
  readonly connections?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly stallMs?: number | undefined;
  /** Counts requests and bytes; made anew where none is given. */
  readonly transport?: Transport | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Reads every archive as this; without it, by what its name says. */
  readonly layout?: Layout;
  /** Of the commit, where it is known: then it is not asked for. */
  readonly listing?: KnownListing | undefined;
  /** Looks for no split file: a broken one is then no fault. */
  readonly withoutLists?: boolean | undefined;
}

/** What names a plan's source, whatever stands in the folder that it is opened from. */
export function sourceText({ kind, id, revision }: { kind: Source["kind"]; id: string; revision: string }): string {
  if (kind === "hub") return `hf:${id}@${revision}`;
  if (kind === "modelscope") return id;
  return path.isAbsolute(id) || id.startsWith(".") ? id : `./${id}`;
}

/** Opens `owner/name[@revision]`, `hf:owner/name[@revision]`, `modelscope:…` or a local folder; a folder that exists wins. */
export async function openSource(text: string, options: OpenOptions = {}): Promise<Source> {
  const mirrored = parseModelScope(text);
  if (mirrored) {
    const { transport, retry } = ways(options);
    const { signal, layout, withoutLists } = options;
    const [endpoint, token] = [modelScopeEndpoint(process.env), modelScopeToken(process.env)];
    const access = { endpoint, token, transport, retry, signal, layout, withoutLists };
    return openModelScopeSource(mirrored, access).catch(closing(transport));
  }
  const repository = parseRepository(text);
  if (!text.startsWith("hf:") && (existsSync(text) || !repository)) return openLocalSource(text, options);
  if (!repository) throw new EtlError("usage", `${text}: give owner/name[@revision] or a folder`);
  const access = accessOf(options);
  const { signal, layout, listing, withoutLists } = options;
  return openHubSource(repository, { ...access, signal, layout, listing, withoutLists }).catch(
    closing(access.transport),
  );
}

const closing = (transport: Transport) => async (error: unknown) => {
  await transport.close();
  throw error;
};

/** Where the Hub is, and how it is spoken with. */
export function accessOf(options: OpenOptions) {
  const endpoint = parseEndpoint(options.endpoint ?? process.env["HF_ENDPOINT"] ?? "https://huggingface.co");
  return { endpoint, token: findToken(process.env), ...ways(options) };
}

const ways = ({ connections, stallMs, transport, retry }: OpenOptions) => ({
  transport: transport ?? new Transport({ connections, stallMs }),
  retry: { ...defaultRetryPolicy, ...retry },
});
