import { createHash } from "node:crypto";
import { checkedByContentId } from "../bytes/checked.ts";
import { httpSource } from "../bytes/http/http-source.ts";
import { EtlError } from "../errors.ts";
import type { Layout } from "../model/layout.ts";
import { addressOf, type ModelScopeRepository } from "../modelscope/address.ts";
import { ModelScopeClient, type ModelScopeOptions } from "../modelscope/client.ts";
import { linkOf } from "../modelscope/link.ts";
import { listFiles, type ModelScopeFile } from "../modelscope/listing.ts";
import { archivesOf, type ListedFile } from "./archives.ts";
import { findSplitFile, noLists } from "./find-split-file.ts";
import { closeArchives, type Source } from "./source.ts";

export interface ModelScopeAccess extends ModelScopeOptions {
  readonly layout?: Layout;
  readonly signal?: AbortSignal | undefined;
  /** Looks for no split file. */
  readonly withoutLists?: boolean | undefined;
}

/**
 * A data set on ModelScope, or one folder of it. A branch names no commit there: as of a folder, its revision is a
 * fingerprint, of all files' paths, sizes and SHA-256. Closing it closes the transport.
 */
export async function openModelScopeSource(
  repository: ModelScopeRepository,
  access: ModelScopeAccess,
): Promise<Source> {
  const { transport, retry, signal, layout, withoutLists } = access;
  const client = new ModelScopeClient(access);
  const listed = await listFiles(client, repository, signal);
  const name = addressOf(repository);
  if (listed.length === 0) throw new EtlError("source-not-found", `${name}: has no files at ${repository.revision}`);
  const readable = (file: ModelScopeFile): ListedFile => ({
    ...file,
    bytes: httpSource({
      name: file.path,
      byteLength: file.byteLength,
      resolve: (signal) => linkOf(client, repository, file, signal),
      transport,
      retry,
    }),
  });
  const files = listed.map(readable);
  const revision = fingerprint(listed);
  const sorted = await archivesOf(files, { contentId: revision, layout, signal });
  const checked = (file: ListedFile) => ({ ...file, bytes: checkedByContentId(file.bytes, file.contentId) });
  const { splitFile, unread: lists } = withoutLists ? noLists : await findSplitFile(files.map(checked), signal);
  return {
    name,
    kind: "modelscope",
    revision,
    ...sorted,
    unread: [...sorted.unread, ...lists],
    splitFile,
    byteLength: files.reduce((sum, file) => sum + file.byteLength, 0),
    connections: () => transport.connections.limit,
    file: (path) => files.filter((file) => file.path === path).map(checked)[0]?.bytes,
    close: async () => {
      await closeArchives(sorted.archives);
      await transport.close();
    },
  };
}

function fingerprint(files: readonly ModelScopeFile[]): string {
  const hash = createHash("sha256");
  for (const { path, byteLength, contentId } of files) hash.update(`${path}\0${byteLength}\0${contentId}\n`);
  return hash.digest("hex").slice(0, 40);
}
