import { readFileSync, writeFileSync } from "node:fs";

/** Loaded before the command line: leaves the most memory that the process ever had, in MB, where it is asked to. */
const file = process.env["VOXSHARD_PEAK"];
if (file !== undefined) process.on("exit", () => writeFileSync(file, String(peakMb())));

function peakMb(): number {
  try {
    // What `resourceUsage` tells counts the parent's memory too.
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
