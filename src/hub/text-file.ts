import { isFault } from "../errors.ts";
import type { HubClient } from "./hub-client.ts";

/** A small file of a data set as text; undefined where there is no such file. */
export async function readTextFile(
  client: HubClient,
  id: string,
  commit: string,
  path: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { token } = client.options;
  const url = client.url(`datasets/${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`);
  try {
    // Redirected to another origin, `fetch` leaves the token behind.
    const response = await client.fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: signal ?? null,
    });
    return await response.text();
  } catch (error) {
    if (isFault(error, "source-not-found")) return undefined;
    throw error;
  }
}
