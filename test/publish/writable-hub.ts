import { memoryContent } from "../../devkit/hub/content.ts";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { Repo } from "../../devkit/hub/repos.ts";
import type { Snapshot } from "../../devkit/hub/snapshot.ts";

/** The miniature Hub with a user who may write, and what tests of publishing ask it. */
export interface WritableHub extends Hub {
  /** Requests of a method whose URL matches. */
  count(method: string, url?: RegExp): number;
  /** Bytes of files that the store was sent since the log was last reset. */
  received(): number;
  /** A text file of a commit. */
  textOf(commit: Snapshot, path: string): string | undefined;
  add(id: string, files: Record<string, string>): Promise<void>;
}

export async function startWritableHub(options: Parameters<typeof startHub>[0] = {}): Promise<WritableHub> {
  const tokens = { hf_writer: { name: "me", role: "write" }, hf_reader: { name: "you", role: "read" } } as const;
  const hub = await startHub({ tokens, ...options });
  process.env["HF_TOKEN"] = "hf_writer";
  return {
    ...hub,
    count: (method, url = /./) => hub.log.filter((one) => one.method === method && url.test(one.url)).length,
    received: () => hub.counters().storeBytes,
    textOf(commit, path) {
      const entry = commit.entries.get(path);
      if (!entry) return undefined;
      return (entry.open(0, entry.size).read() as Buffer).toString("utf8");
    },
    async add(id, files) {
      const repo = new Repo({ id, content: memoryContent(files) });
      await repo.refresh();
      hub.state.repos.set(id, repo);
    },
  };
}
