import { parentPort } from "node:worker_threads";
import { collectWhenMuch } from "../bytes/collect-garbage.ts";
import { isFault } from "../errors.ts";
import { sharpDecoder } from "../slices/sharp-decoder.ts";
import type { SeriesTask } from "./build-row.ts";
import { inline } from "./inline.ts";
import { buffersOf, payloadsOf } from "./transfer.ts";
import type { WorkerAnswer } from "./workers.ts";

const executor = inline(sharpDecoder);

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
