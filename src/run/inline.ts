import type { SliceDecoder } from "../slices/slice-decoder.ts";
import { buildRow, rejectionOf, type SeriesTask } from "./build-row.ts";
import type { Executor, Outcome } from "./executor.ts";
import { writeShard } from "./write-shard.ts";

/** Runs each series in this thread: for a library's caller who wants no threads, and inside each worker. */
export function inline(decoder: SliceDecoder): Executor {
  return {
    width: 1,
    async run(task: SeriesTask): Promise<Outcome> {
      try {
        return { ok: true, built: await buildRow(task, decoder) };
      } catch (error) {
        return { ok: false, reject: rejectionOf(error, task.row) };
      }
    },
    write: writeShard,
    close: async () => {},
  };
}
