import { createHash } from "node:crypto";
import { type Hub, type HubOptions, memoryContent, startHub } from "../../../devkit/hub/hub.ts";
import type { ByteSource } from "../../../src/bytes/byte-source.ts";
import { Transport } from "../../../src/bytes/http/transport.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../../../src/bytes/retrying.ts";
import { hubFile } from "../../../src/hub/download.ts";
import { HubClient } from "../../../src/hub/hub-client.ts";
import { listTree } from "../../../src/hub/tree.ts";
import { VirtualClock } from "../../properties/faults/virtual-clock.ts";

export const TOKEN = "hf_reader0123456789";

export interface Remote {
  readonly source: ByteSource;
  readonly hub: Hub;
  readonly client: HubClient;
  readonly clock: VirtualClock;
  close(): Promise<void>;
}

/** One file of a private data set, read with a token; waits take no time. */
export async function remote(
  bytes: Uint8Array,
  options: Omit<HubOptions, "repos"> = {},
  file = "a.zip",
  policy: Partial<RetryPolicy> = {},
  /** Null: as many as bring more. */
  connections: number | null = 8,
): Promise<Remote> {
  const id = `voxshard/${createHash("md5").update(file).digest("hex").slice(0, 8)}`;
  const content = memoryContent({ [file]: Buffer.from(bytes) });
  // Small files and dot files lie in git: the Hub sends those itself.
  const lfsThreshold = file.startsWith(".") ? Number.POSITIVE_INFINITY : 0;
  const repos = [{ id, content, access: "private" as const, lfsThreshold }];
  const clock = new VirtualClock();
  const tokens = { [TOKEN]: { name: "reader", role: "read" as const } };
  const hub = await startHub({ tokens, now: () => clock.now(), ...options, repos });
  const transport = new Transport({ connections: connections ?? undefined, clock });
  const retry = { ...defaultRetryPolicy, clock, ...policy };
  const client = new HubClient({ endpoint: new URL(`${hub.endpoint}/`), token: TOKEN, transport, retry });
  const commit = hub.repo(id).at("main").sha;
  const entry = (await listTree(client, id, commit)).find(({ path }) => path === file);
  if (!entry) throw new Error(`${file} is not listed`);
  hub.resetLog();
  const close = async () => {
    await transport.close();
    await hub.close();
  };
  return { source: hubFile(client, id, commit, entry), hub, client, clock, close };
}
