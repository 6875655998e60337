import { withRetries } from "../bytes/retrying.ts";
import { EtlError, isFault } from "../errors.ts";
import type { HubClient } from "./hub-client.ts";

/** A data set's state: the commit that `main` names, and who can see it. */
export interface RepositoryState {
  readonly commit: string;
  readonly isPrivate: boolean;
}

/** The state of a data set; undefined where there is none (or none that this user may see). */
export async function repositoryState(
  client: HubClient,
  id: string,
  signal?: AbortSignal,
): Promise<RepositoryState | undefined> {
  try {
    const path = `api/datasets/${id}/revision/main`;
    const info = await client.json<{ sha?: string; private?: boolean } | null>(path, id, signal);
    return { commit: info?.sha ?? "", isPrivate: info?.private === true };
  } catch (error) {
    if (isFault(error, "source-not-found")) return undefined;
    throw error;
  }
}

/** Makes the data set; that it is there by now is as good. */
export async function createRepository(
  client: HubClient,
  id: string,
  isPrivate: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const { endpoint, retry } = client.options;
  const { createRepo } = await import("@huggingface/hub");
  const create = () =>
    createRepo({
      repo: { type: "dataset", name: id },
      visibility: isPrivate ? "private" : "public",
      accessToken: tokenOf(client),
      hubUrl: endpoint.href.replace(/\/$/, ""),
      fetch: (input, init) => client.fetchWholeOnce(input, { ...init, signal: signal ?? null }),
    }).catch((error) => {
      if (!isFault(error, "commit-raced")) throw error;
    });
  await withRetries(create, retry, signal);
}

/** The user's token, without which nothing can be written. */
export function tokenOf(client: HubClient): string {
  const { token } = client.options;
  if (token === undefined)
    throw new EtlError(
      "not-allowed",
      "writing to the Hub needs a token that may: set HF_TOKEN, or log in with `hf auth login`",
    );
  return token;
}

/** What the Hub finds wrong in a card's YAML; warnings are no reason to stop. A mirror without this check finds nothing. */
export async function cardFaults(
  client: HubClient,
  card: string,
  signal?: AbortSignal,
): Promise<{ errors: readonly string[]; warnings: readonly string[] }> {
  const messages = (list: { message?: string }[] | undefined) => (list ?? []).map(({ message }) => message ?? "");
  try {
    const response = await client.fetch(client.url("api/validate-yaml"), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${tokenOf(client)}` },
      body: JSON.stringify({ content: card, repoType: "dataset" }),
      signal: signal ?? null,
    });
    const found = (await response.json()) as { errors?: { message?: string }[]; warnings?: { message?: string }[] };
    return { errors: messages(found.errors), warnings: messages(found.warnings) };
  } catch (error) {
    if (!isFault(error, "source-not-found")) throw error;
    return { errors: [], warnings: [] };
  }
}
