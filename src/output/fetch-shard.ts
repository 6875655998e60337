import path from "node:path";
import { EtlError } from "../errors.ts";
import { createFile } from "../files/written-file.ts";
import { readHead } from "../hub/commit.ts";
import { hubFile } from "../hub/download.ts";
import type { HubClient } from "../hub/hub-client.ts";
import type { Receipt } from "../model/receipt.ts";
import { makeInto } from "./output-folder.ts";

/** Brings a published shard back into the folder, byte for byte as its receipt says. */
export async function fetchShard(
  client: HubClient,
  id: string,
  folder: string,
  receipt: Receipt,
  signal?: AbortSignal,
): Promise<void> {
  const head = await readHead(client, id, signal);
  const there = head.files.get(receipt.path);
  if (there?.contentId !== receipt.sha256)
    throw new EtlError("not-verified", `${receipt.path}: neither in ${folder} nor in ${id}; run convert again`);
  const source = hubFile(client, id, head.commit, there);
  await makeInto(folder, path.join(folder, receipt.path), async (temporary) => {
    const { sha256 } = await createFile(temporary, async (sink) => {
      for await (const chunk of source.read({ start: 0, end: there.byteLength }, { signal })) await sink.write(chunk);
    });
    if (sha256 !== receipt.sha256)
      throw new EtlError(
        "source-changed",
        `${receipt.path}: the copy fetched from ${id} does not match its receipt; try again`,
      );
  });
}
