import { parentPort } from "node:worker_threads";
import { isFault } from "../errors.ts";
import { collectWhenMuch } from "../memory/collect-garbage.ts";
import { buffersOf, payloadsOf } from "../memory/transfer.ts";
import { inline } from "../series/inline.ts";
import type { SeriesTask } from "../series/series-task.ts";
import type { WorkerAnswer } from "./workers.ts";

const executor = inline();

parentPort?.on("message", async (task: SeriesTask) => {
  try {
    const outcome = await executor.run(task);
    const moved = outcome.ok ? buffersOf(payloadsOf(outcome.built.row)) : [];
    parentPort?.postMessage({ outcome } satisfies WorkerAnswer, moved);
    setImmediate(collectWhenMuch);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const kind = isFault(error) ? error.fault.kind : "";
    parentPort?.postMessage({ kind, detail: isFault(error) ? error.message : detail } satisfies WorkerAnswer);
  }
});
