import type { ByteSource } from "../../bytes/byte-source.ts";
import { httpSource } from "../../bytes/http/http-source.ts";
import { EtlError, isFault } from "../../errors.ts";
import type { HubClient } from "../hub-client.ts";
import { NoSuchEntry } from "../hub-fault.ts";
import { located } from "../resolve.ts";
import { listAll, type RepositoryFile } from "../tree.ts";

const encoded = (path: string) => path.split("/").map(encodeURIComponent).join("/");

/** Every file below a folder of a bucket, in order of path; all where the folder is empty, none where it is not there. */
export function bucketList(
  client: HubClient,
  id: string,
  folder: string,
  signal?: AbortSignal,
): Promise<readonly RepositoryFile[]> {
  const place = { repo: { type: "bucket", name: id }, ...(folder !== "" && { path: encoded(folder) }) } as const;
  return ofBucket(id, [], () => listAll(client, place, `hf://buckets/${id}`, signal));
}

/** Those of the paths that the bucket has, of one request; at most 1,000. */
export async function bucketHas(
  client: HubClient,
  id: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { pathsInfo } = await import("@huggingface/hub");
  const { endpoint, token } = client.options;
  const found = await ofBucket(id, [], () =>
    pathsInfo({
      repo: { type: "bucket", name: id },
      paths: [...paths],
      hubUrl: endpoint.href.replace(/\/$/, ""),
      fetch: (input, init) => client.fetch(input, { ...init, signal: signal ?? null }),
      ...(token !== undefined && { accessToken: token }),
    }),
  );
  return new Set(found.map(({ path }) => path));
}

/** A file to be read by ranges; undefined where there is none. */
export async function bucketFile(
  client: HubClient,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<ByteSource | undefined> {
  const name = `hf://buckets/${id}/${path}`;
  const { transport, retry } = client.options;
  const url = client.url(`buckets/${id}/resolve/${encoded(path)}`);
  const found = await ofBucket(id, undefined, () => located(client, url, name, signal)).catch(async (error) => {
    // Who says no more than 404 may mean the file, or the bucket.
    if (!isFault(error, "source-not-found") || (await bucketHas(client, id, [path], signal)).size > 0) throw error;
  });
  if (!found) return undefined;
  const { byteLength, contentId } = found;
  let first: typeof found | undefined = found;
  const resolve = async (by?: AbortSignal) => {
    const now = first ?? (await located(client, url, name, by));
    first = undefined;
    if (now.byteLength === byteLength && now.contentId === contentId) return now.link;
    throw new EtlError("source-changed", `${name}: was written anew while it was read; run again`);
  };
  return httpSource({ name, byteLength, resolve, transport, retry });
}

/** Gives `none` where there is no such file or folder; where there is no such bucket, the error says what to do. */
export async function ofBucket<T>(id: string, none: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFault(error, "source-not-found")) throw error;
    if (error.cause instanceof NoSuchEntry) return none;
    throw new EtlError(
      "source-not-found",
      `hf://buckets/${id}: there is no such bucket, or none that this user may see; set HF_TOKEN, or make it first: hf buckets create ${id} --private`,
      error,
    );
  }
}
