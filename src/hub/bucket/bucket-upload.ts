import { EtlError, isFault } from "../../errors.ts";
import { tokenOf } from "../create.ts";
import { driven } from "../driven.ts";
import type { HubClient } from "../hub-client.ts";
import { inPieces } from "../streamed-body.ts";
import type { BatchLine } from "./bucket-batch.ts";
import { ofBucket } from "./bucket-files.ts";

/**
 * Brings files into the storage that a bucket's bytes lie in, without naming them in the bucket, and gives the lines of the
 * batch that does. The Hub's client library speaks Xet; its last request is held back: it says of a line that has failed no
 * more than that it has.
 */
export async function bucketUpload(
  client: HubClient,
  id: string,
  files: readonly { readonly path: string; readonly content: URL }[],
  signal?: AbortSignal,
): Promise<readonly BatchLine[]> {
  if (files.length === 0) return [];
  const { commitIter } = await import("@huggingface/hub");
  const lines: BatchLine[] = [];
  const upload = () =>
    driven(
      (ours) =>
        commitIter({
          repo: { type: "bucket", name: id },
          title: "held back",
          operations: files.map((file) => ({ operation: "addOrUpdate", ...file })),
          accessToken: tokenOf(client),
          hubUrl: client.options.endpoint.href.replace(/\/$/, ""),
          ...ours,
        }),
      uploadFetch(client, id, lines, signal),
      (error) => new EtlError("server-error", `hf://buckets/${id}: ${error.message}`, error),
      signal,
    );
  await ofBucket(id, undefined, upload);
  const named = new Set(lines.map(({ path }) => path));
  const lost = files.find(({ path }) => !named.has(path));
  if (lost) throw new EtlError("server-error", `hf://buckets/${id}/${lost.path}: was not uploaded`);
  return lines;
}

function uploadFetch(
  client: HubClient,
  id: string,
  lines: BatchLine[],
  signal: AbortSignal | undefined,
): typeof globalThis.fetch {
  const batch = client.url(`api/buckets/${id}/batch`).href;
  return async (input, init) => {
    const url = new URL(input instanceof globalThis.Request ? input.url : input);
    const request = { ...init, signal: signal ?? null };
    if (url.href === batch) {
      const sent = String(init?.body).split("\n");
      lines.push(...sent.filter((line) => line !== "").map((line) => JSON.parse(line) as BatchLine));
      return Response.json({ success: true, failed: [] });
    }
    if (url.origin === client.options.endpoint.origin) return client.fetch(url, request);
    if (init?.body === undefined) return known(client, url, request);
    // Where a redirect may have to be followed, `fetch` keeps all that it sends in memory until the answer is there.
    const body = inPieces(init.body as Uint8Array);
    return client.fetch(url, { ...request, body, redirect: "error" }).catch((error) => {
      throw refused(error, id);
    });
  };
}

/** Whether the storage has a chunk already: who cannot tell has not. */
async function known(client: HubClient, url: URL, request: RequestInit): Promise<Response> {
  return client.fetchWholeOnce(url, request).catch((error) => {
    request.signal?.throwIfAborted();
    if (!isFault(error)) throw error;
    return new Response(null, { status: 404 });
  });
}

/** The storage's own refusals are about the bytes, or the token that the Hub has given for it. */
function refused(error: unknown, id: string): unknown {
  if (isFault(error, "link-expired"))
    return new EtlError(
      "not-allowed",
      `hf://buckets/${id}: its storage refuses the Hub's token: ${error.message}`,
      error,
    );
  if (!isFault(error, "source-not-found")) return error;
  return new EtlError(
    "cannot-write",
    `hf://buckets/${id}: its storage does not take the bytes: ${error.message}`,
    error,
  );
}
