import { readPlainFile } from "../files/read-file.ts";
import type { Plan } from "../model/plan.ts";
import { Sent } from "../model/verified.ts";
import { MAX_STATE_BYTES, sentPath } from "./layout.ts";
import { writeInto } from "./output-folder.ts";

/** What was sent of the folder, by shard; a mark that cannot be read is none. */
export async function allSent(folder: string, plan: Plan): Promise<ReadonlyMap<number, Sent>> {
  const found = new Map<number, Sent>();
  for (const shard of plan.shards.keys()) {
    const sent = Sent.safeParse(
      await readPlainFile(sentPath(folder, shard), MAX_STATE_BYTES)
        .then(JSON.parse)
        .catch(() => null),
    );
    if (sent.success) found.set(shard, sent.data);
  }
  return found;
}

export function markSent(folder: string, shard: number, sent: Sent): Promise<void> {
  return writeInto(folder, sentPath(folder, shard), JSON.stringify(sent));
}
