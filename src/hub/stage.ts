import type { CommitOperation } from "@huggingface/hub";
import { withRetries } from "../bytes/retrying.ts";
import { EtlError, isFault } from "../errors.ts";
import { absentObjects } from "./absent.ts";
import { tokenOf } from "./create.ts";
import { driven } from "./driven.ts";
import type { HubClient } from "./hub-client.ts";
import { streamedBody } from "./streamed-body.ts";

/** One line of a commit as the Hub's API takes it. */
export type CommitLine =
  | { readonly key: "file"; readonly value: { path: string; content: string; encoding: "base64" } }
  | { readonly key: "lfsFile"; readonly value: { path: string; algo: "sha256"; oid: string; size: number } }
  | { readonly key: "deletedFile"; readonly value: { path: string } };

export interface Staging {
  readonly id: string;
  /** Told of bytes that went out; negative when an attempt failed and they must go again. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A 403 of the store is not always an expired link. */
const MAX_LINKS = 3;

/**
 * Brings files into the repository's store without committing them, and gives the lines that a commit needs.
 *
 * The Hub's client library does the protocol; only its last request, the commit, is held back: a commit then takes
 * files of many uploads, can be sent again onto another parent without a byte being read again, and a file may be gone
 * from disk by then. Bytes go by LFS, not by Xet: the library's Xet path keeps 64 MB shards and xorbs for each of five
 * files and peaked at 1.1 GB for 6 × 80 MB, LFS streams from disk at a flat 195 MB; the Hub moves LFS files to Xet itself.
 */
export async function stage(
  client: HubClient,
  files: readonly { readonly path: string; readonly content: URL | Blob }[],
  staging: Staging,
): Promise<readonly CommitLine[]> {
  if (files.length === 0) return [];
  const { commitIter } = await import("@huggingface/hub");
  const operations: CommitOperation[] = files.map((file) => ({ operation: "addOrUpdate", ...file }));
  for (let links = 1; ; links++) {
    const lines: CommitLine[] = [];
    try {
      await driven(
        (ours) =>
          commitIter({
            repo: { type: "dataset", name: staging.id },
            title: "held back",
            operations,
            accessToken: tokenOf(client),
            hubUrl: client.options.endpoint.href.replace(/\/$/, ""),
            useXet: false,
            ...ours,
          }),
        stagingFetch(client, staging, lines),
        (error) => named(error, staging.id),
        staging.signal,
      );
      return lines;
    } catch (error) {
      // Links to the store expire: then they are asked for anew, and what is there by now is not sent again.
      if (!isFault(error, "link-expired") || links >= MAX_LINKS) throw error;
    }
  }
}

/** The library throws plain errors where a file has gone, or an answer of the Hub makes no sense. */
function named(error: NodeJS.ErrnoException, id: string): EtlError {
  if (error.code === "ENOENT")
    return new EtlError("not-verified", `${error.path}: has gone since it was verified; run convert again`, error);
  return new EtlError("server-error", `${id}: ${error.message}`, error);
}

/** An object of the store's, as the Hub's batch API names it. */
interface StoreObject {
  readonly oid: string;
  readonly size: number;
}

/** The commit is kept, not sent; bytes to the store are counted, and a part that was not taken is sent again. */
function stagingFetch(client: HubClient, staging: Staging, lines: CommitLine[]): typeof globalThis.fetch {
  /** Objects by the link whose answer says that they are whole. */
  const ends = new Map<string, StoreObject>();
  return async (input, init) => {
    const url = new URL(input instanceof globalThis.Request ? input.url : input);
    if (url.origin === client.options.endpoint.origin && url.pathname.includes(`/datasets/${staging.id}/commit/`)) {
      const [, ...kept] = String(init?.body).split("\n");
      lines.push(...kept.map((line) => JSON.parse(line) as CommitLine));
      return Response.json({ commitOid: "", commitUrl: "", hookOutput: "" });
    }
    const end = ends.get(url.href);
    const send = async () => {
      if (init?.method === "PUT" && init.body instanceof Blob) return put(client, url, init, init.body, staging);
      return end ? client.fetchWholeOnce(url, init) : client.fetch(url, init);
    };
    if (end || init?.method === "PUT") return stored(client, send, end, staging, init?.signal ?? undefined);
    const answer = await send();
    if (url.pathname.endsWith("/info/lfs/objects/batch")) {
      const { objects } = (await answer.clone().json()) as { objects: BatchObject[] };
      for (const object of objects) {
        checkBatch(object, staging.id);
        if (object.actions?.upload) ends.set(new URL(object.actions.upload.href).href, object);
      }
    }
    return answer;
  };
}

interface BatchObject extends StoreObject {
  readonly actions?: {
    readonly upload?: { readonly href: string; readonly header?: Readonly<Record<string, string>> };
  };
  readonly error?: { readonly message: string };
}

/** The store must take an object, and by as many links as it has parts. */
function checkBatch({ oid, size, actions, error }: BatchObject, id: string): void {
  if (error)
    throw new EtlError("server-error", `${id}: the Hub does not take a file of ${size} bytes: ${error.message}`);
  const header = actions?.upload?.header ?? {};
  const partBytes = Number(header["chunk_size"] ?? size);
  const links = Object.keys(header).filter((key) => /^\d+$/.test(key)).length;
  if (partBytes < size && links !== Math.ceil(size / partBytes))
    throw new EtlError("server-error", `${id}: ${links} links for the parts of ${oid.slice(0, 12)}, ${size} bytes`);
}

/**
 * Sends until it is taken. After a failure that may hide a success the store is asked whether it has the object, before
 * its bytes go again; a link that is refused is no better the second time: `stage` asks for new ones.
 */
async function stored(
  client: HubClient,
  send: () => Promise<Response>,
  end: StoreObject | undefined,
  { id }: Staging,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const attempt = async () => {
    try {
      return await send();
    } catch (error) {
      if (end && isFault(error) && !signal?.aborted) {
        const absent = await absentObjects(client, id, [{ sha256: end.oid, byteLength: end.size }], signal);
        if (absent.size === 0) return new Response(null);
      }
      if (isFault(error, "link-expired", "not-allowed", "source-not-found"))
        return new EtlError("link-expired", `${error.message}; run again`, error);
      throw error;
    }
  };
  const answer = await withRetries(attempt, client.options.retry, signal);
  if (answer instanceof EtlError) throw answer;
  return answer;
}

async function put(
  client: HubClient,
  url: URL,
  init: RequestInit,
  content: Blob,
  { onBytes }: Staging,
): Promise<Response> {
  const isPart = (init as { progressHint?: { part?: number } }).progressHint?.part !== undefined;
  let sent = 0;
  const body = counted(content, (bytes) => {
    sent += bytes;
    onBytes?.(bytes);
  });
  try {
    // Where a redirect may have to be followed, `fetch` keeps all that it sends in memory until the answer is there.
    const response = await client.fetchOnce(url, { ...init, body, redirect: "error" });
    if (isPart && !response.headers.get("etag"))
      throw new EtlError("server-error", `${url.host}: took a part of a file, but did not say which`);
    // A portal or a proxy that puts its own page in place of the answer has not stored anything.
    if (response.headers.get("content-type")?.includes("html"))
      throw new EtlError("server-error", `${url.host}: answered with a web page instead`);
    return response;
  } catch (error) {
    onBytes?.(-sent);
    throw error;
  }
}

/** The same bytes, counted as they are read. */
function counted(content: Blob, onBytes: (bytes: number) => void): Blob {
  return streamedBody(content.size, () =>
    (content.stream() as unknown as ReadableStream<Uint8Array>).pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          onBytes(chunk.byteLength);
          controller.enqueue(chunk);
        },
      }),
    ),
  );
}
