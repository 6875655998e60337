import { createHash } from "node:crypto";
import { Attempts } from "../bytes/retrying.ts";
import { EtlError, isFault } from "../errors.ts";
import { repositoryState, tokenOf } from "./create.ts";
import type { HubClient } from "./hub-client.ts";
import type { CommitLine } from "./stage.ts";
import { listTree, type RepositoryFile } from "./tree.ts";

/** A data set as one commit has it. */
export interface Head {
  readonly commit: string;
  readonly files: ReadonlyMap<string, RepositoryFile>;
}

export async function readHead(client: HubClient, id: string, signal?: AbortSignal): Promise<Head> {
  const state = await repositoryState(client, id, signal);
  if (!state) throw new EtlError("source-not-found", `${id}: is not there any more`);
  const files = await listTree(client, id, state.commit, signal);
  return { commit: state.commit, files: new Map(files.map((file) => [file.path, file])) };
}

/**
 * Commits the lines onto `head`, and gives the new head; without a request where all of them are in it already.
 *
 * Each attempt names its parent, so that a commit is never applied twice nor onto a state that nobody looked at. After
 * any failure that may hide a success (a 504, a lost connection) or a race (409, 412) the branch is read again, and
 * only what is not yet in it is sent.
 */
export async function commitLines(
  client: HubClient,
  id: string,
  head: Head,
  title: string,
  lines: readonly CommitLine[],
  signal?: AbortSignal,
): Promise<Head> {
  const attempts = new Attempts(client.options.retry);
  for (let current = head; ; ) {
    const missing = lines.filter((line) => !isIn(current, line));
    if (missing.length === 0) return current;
    try {
      return advanced(current, await post(client, id, current.commit, title, missing, signal), missing);
    } catch (error) {
      // Throws what is not for retrying.
      await attempts.afterFailure(isFault(error, "source-not-found") ? gone(error) : error, signal);
    }
    current = await readHead(client, id, signal);
  }
}

/** The name by which git knows a file's bytes. */
function gitBlobId(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.byteLength}\0`).update(content).digest("hex");
}

/** The head after a commit that the Hub has confirmed. */
function advanced(head: Head, commit: string, lines: readonly CommitLine[]): Head {
  const files = new Map(head.files);
  for (const { key, value } of lines) {
    const { path } = value;
    if (key === "deletedFile") files.delete(path);
    else if (key === "lfsFile") files.set(path, { path, byteLength: value.size, contentId: value.oid });
    else {
      const content = Buffer.from(value.content, "base64");
      files.set(path, { path, byteLength: content.byteLength, contentId: gitBlobId(content) });
    }
  }
  return { commit, files };
}

/** True where the head has what the line would bring about. */
export function isIn({ files }: Head, { key, value }: CommitLine): boolean {
  const there = files.get(value.path);
  if (key === "deletedFile") return there === undefined;
  if (key === "lfsFile") return there?.contentId === value.oid;
  return there?.contentId === gitBlobId(Buffer.from(value.content, "base64"));
}

async function post(
  client: HubClient,
  id: string,
  parentCommit: string,
  summary: string,
  lines: readonly CommitLine[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const header = { key: "header", value: { summary, parentCommit } };
  const url = client.url(`api/datasets/${id}/commit/main`);
  const response = await client.fetchWholeOnce(url, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson", authorization: `Bearer ${tokenOf(client)}` },
    body: [header, ...lines].map((line) => JSON.stringify(line)).join("\n"),
    signal: signal ?? null,
  });
  // An answer that breaks off says nothing of the commit: the branch will.
  return ((await response.json()) as { commitOid: string }).commitOid;
}

/** The Hub refuses a commit of objects that its store does not have (any more). */
function gone(error: EtlError): EtlError {
  return new EtlError("source-changed", `${error.message}; publish again, and what is missing is sent again`, error);
}
