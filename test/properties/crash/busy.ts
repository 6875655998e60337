import { writeFileSync } from "node:fs";
import { isMainThread, parentPort } from "node:worker_threads";

// Loaded before the command: every series' thread says that it has begun, and then hears and does nothing any more.
if (!isMainThread)
  parentPort?.once("message", () => {
    writeFileSync(process.env["BUSY_FILE"]!, "");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
