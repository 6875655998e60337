import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort } from "node:worker_threads";
import { isFault } from "../errors.ts";
import { sharpDecoder } from "../slices/sharp-decoder.ts";
import type { SeriesTask } from "./build-row.ts";
import { inline } from "./inline.ts";
import type { WorkerAnswer } from "./workers.ts";

const executor = inline(sharpDecoder);

// A series leaves its files and what they were inflated to outside the heap, up to 100 MB, which the engine, seeing a
// small heap, is slow to give back.
// Collecting after each costs a few milliseconds of a second's work and keeps a worker at one series' memory.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

parentPort?.on("message", async (task: SeriesTask) => {
  try {
    const outcome = await executor.run(task);
    const volume = outcome.ok ? outcome.built.row.volume : null;
    const moved = volume && volume.byteLength === volume.buffer.byteLength ? [volume.buffer as ArrayBuffer] : [];
    parentPort?.postMessage({ outcome } satisfies WorkerAnswer, moved);
    setImmediate(collectGarbage);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const kind = isFault(error) ? error.fault.kind : "";
    parentPort?.postMessage({ kind, detail: isFault(error) ? error.message : detail } satisfies WorkerAnswer);
  }
});
