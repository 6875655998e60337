import { readFileSync, writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

// Loaded into a process that is measured, before anything else: at its end it writes what the process says of itself.

/** The descriptor that the measuring process listens on. */
const REPORT_FD = 3;
const LOOK_EVERY_MS = 5;

/** What this thread has worked, which Linux counts in ns: standing still for want of a core is not its doing. */
function workedMs(): number {
  return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
}

if (isMainThread) {
  let blockedMs = 0;
  let before = workedMs();
  const look = () => {
    const now = workedMs();
    blockedMs = Math.max(blockedMs, now - before);
    before = now;
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  // Loading modules and planning take longer, but hold up nobody: the work begins with the first thread.
  process.once("worker", () => {
    blockedMs = 0;
    before = workedMs();
  });
  process.on("exit", () => {
    look();
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const report = { cpuMs: (userCPUTime + systemCPUTime) / 1000, ownPeakRss: maxRSS * 1024, blockedMs };
    writeSync(REPORT_FD, JSON.stringify(report));
  });
}
