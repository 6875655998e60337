import { writeSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

// Loaded into a process that is measured, before anything else: at its end it writes what the process says of itself.

/** The descriptor that the measuring process listens on. */
const REPORT_FD = 3;

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
// Loading modules stands still too, but before there is any work.
process.on("worker", () => delay.reset());
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const report = { cpuMs: (userCPUTime + systemCPUTime) / 1000, ownPeakRss: maxRSS * 1024, blockedMs: delay.max / 1e6 };
  writeSync(REPORT_FD, JSON.stringify(report));
});
