import { isMainThread, parentPort } from "node:worker_threads";

// Loaded before the command: every thread dies with its first task, or once it has had the time to answer it.
const IDLE_AFTER_MS = 300;
if (!isMainThread)
  parentPort?.once("message", () => {
    if (process.env["DIES"] === "at work") process.exit(1);
    setTimeout(() => process.exit(1), IDLE_AFTER_MS);
  });
