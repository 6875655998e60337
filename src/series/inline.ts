import { Arena } from "../kernels/arena.ts";
import { buildRow, rejectionOf, type SeriesTask } from "./build-row.ts";
import type { Executor, Outcome } from "./executor.ts";
import { writeShard } from "./write-shard.ts";

/** Runs each series in this thread: for a library's caller who wants no threads, and inside each worker. */
export function inline(): Executor {
  const arena = new Arena();
  const outcome = async (task: SeriesTask): Promise<Outcome> => {
    try {
      return { ok: true, built: await buildRow(task, arena) };
    } catch (error) {
      return { ok: false, reject: rejectionOf(error, task.row) };
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    width: 1,
    // One after the other: the arena holds one series.
    run(task: SeriesTask): Promise<Outcome> {
      const mine = last.then(() => outcome(task));
      last = mine.catch(() => {});
      return mine;
    },
    write: (path, rows, output) => writeShard(path, rows, output),
    close: async () => {},
  };
}
