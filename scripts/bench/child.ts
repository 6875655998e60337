import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a run of the command line cost. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** The kernel's high-water mark of resident bytes, as read from outside; as the process itself has it. */
  readonly peakRss: number;
  readonly ownPeakRss: number;
  /** The longest that the main thread worked without looking up, from the start of its first thread on where it has any. */
  readonly blockedMs: number;
  readonly stdout: string;
}

const cli = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const probe = new URL("./probe.js", import.meta.url).href;
const hubScript = fileURLToPath(new URL("../hub.js", import.meta.url));
/** Short of the time that a process needs to come and go. */
const LOOK_EVERY_MS = 20;

/** Runs the command line in a process of its own; fails unless it exits with 0. */
export function measured(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Cost> {
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", probe, cli, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  let [stdout, report, peakRss] = ["", "", 0];
  child.stdio[1]?.on("data", (chunk) => (stdout += chunk));
  child.stdio[3]?.on("data", (chunk) => (report += chunk));
  const timer = setInterval(() => (peakRss = Math.max(peakRss, highWater(child))), LOOK_EVERY_MS);
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      clearInterval(timer);
      const wallMs = performance.now() - started;
      if (code === 0) resolve({ wallMs, peakRss, stdout, ...JSON.parse(report) });
      else reject(new Error(`voxshard ${args.join(" ")}: exit code ${code}`));
    });
  });
}

function highWater({ pid }: ChildProcess): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It ended between two looks.
  }
}

/** A miniature Hub in a process of its own, so that its work and its memory are not taken for ours. */
export async function hubProcess(
  dir: string,
  repo: string,
  more: readonly string[] = [],
): Promise<{ endpoint: string; cpuMs: () => number; close: () => void }> {
  const child = spawn(process.execPath, [hubScript, "--dir", dir, "--repo", repo, ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk) => {
      const match = /at (http:\S+?),/.exec((said += chunk));
      if (match) resolve(match[1]!);
    });
    child.on("exit", (code) => reject(new Error(`the miniature Hub ended with code ${code}`)));
  });
  return { endpoint, cpuMs: () => cpuOf(child), close: () => child.kill("SIGKILL") };
}

/** Linux counts a process's time in hundredths of a second. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
