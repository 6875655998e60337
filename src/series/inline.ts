import { Arena } from "../kernels/arena.ts";
import { type Executor, type Outcome, rejectionOf } from "./executor.ts";
import type { SeriesTask } from "./series-task.ts";
import { writeShard } from "./write-shard.ts";

/** Runs each series in this thread: for a library's caller who wants no threads, and inside each worker. */
export function inline(): Executor {
  const arena = new Arena();
  const outcome = async (task: SeriesTask): Promise<Outcome> => {
    try {
      // The kernels come with it, of no use to a thread that builds no rows.
      const { buildRow } = await import("./build-row.ts");
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
