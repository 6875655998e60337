import { tokenOf } from "../create.ts";
import type { HubClient } from "../hub-client.ts";
import { ofBucket } from "./bucket-files.ts";

/** One line of a batch as the Hub's API takes it. */
export type BatchLine =
  | { readonly type: "addFile"; readonly path: string; readonly xetHash: string }
  | { readonly type: "deleteFile"; readonly path: string };

/** Where all lines of a batch have failed. */
const ALL_FAILED = 422;

/** Carries the lines out, each by itself; gives those that were not, by path, with the Hub's reason. */
export async function bucketBatch(
  client: HubClient,
  id: string,
  lines: readonly BatchLine[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (lines.length === 0) return new Map();
  const request = {
    method: "POST",
    headers: { "content-type": "application/x-ndjson", authorization: `Bearer ${tokenOf(client)}` },
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
    signal: signal ?? null,
  };
  const url = client.url(`api/buckets/${id}/batch`);
  // What was carried out may be carried out again: an answer that was lost does not matter.
  const answer = await ofBucket(id, undefined, () => client.answer(url, request, ALL_FAILED));
  const told = (await answer?.json().catch(() => undefined)) as Told | undefined;
  // Without a list nothing is known to be carried out, unless that is what is said.
  const failed = told?.failed ?? (told?.success === true ? [] : lines);
  return new Map(failed.map(({ path, error = "it does not say why" }: Failed) => [path, error]));
}

interface Told {
  readonly success?: boolean;
  readonly failed?: readonly Failed[];
}
interface Failed {
  readonly path: string;
  readonly error?: string;
}
