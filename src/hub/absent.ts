import { tokenOf } from "./create.ts";
import type { HubClient } from "./hub-client.ts";

/** What the Hub takes in one request. */
const OBJECTS_A_REQUEST = 100;

/** Those of the objects that the repository's store does not have; asks only, sends nothing. */
export async function absentObjects(
  client: HubClient,
  id: string,
  objects: readonly { readonly sha256: string; readonly byteLength: number }[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const absent = new Set<string>();
  for (let at = 0; at < objects.length; at += OBJECTS_A_REQUEST) {
    const asked = objects.slice(at, at + OBJECTS_A_REQUEST);
    const response = await client.fetch(client.url(`datasets/${id}.git/info/lfs/objects/batch`), {
      method: "POST",
      headers: {
        accept: "application/vnd.git-lfs+json",
        "content-type": "application/vnd.git-lfs+json",
        authorization: `Bearer ${tokenOf(client)}`,
      },
      body: JSON.stringify({
        operation: "upload",
        transfers: ["basic", "multipart"],
        hash_algo: "sha256",
        ref: { name: "main" },
        objects: asked.map(({ sha256, byteLength }) => ({ oid: sha256, size: byteLength })),
      }),
      signal: signal ?? null,
    });
    const { objects: answers } = (await response.json()) as { objects: { oid: string; actions?: unknown }[] };
    for (const { oid, actions } of answers) if (actions) absent.add(oid);
  }
  return absent;
}
