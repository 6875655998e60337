import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  type SpawnOptions,
  spawn,
  spawnSync,
} from "node:child_process";
import { fileURLToPath } from "node:url";
import { Runs } from "./runs.ts";

export const cli = fileURLToPath(new URL("../src/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in a process of its own, that can be sent signals. */
export function command(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { readonly child: ChildProcess; readonly end: Promise<Ended> } {
  // One that does not end fails its test, and not the whole run.
  const limit = { signal: AbortSignal.timeout(300_000), killSignal: "SIGKILL" } as const;
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env }, ...limit });
  return { child, end: ended(child) };
}

export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

interface Stop {
  readonly signal: NodeJS.Signals;
  readonly when: () => boolean;
}

/** The command line in a process of its own, until it ends. A signal is sent, once, when `when` holds. */
export function ownProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stop?: Stop,
): Promise<Ended> {
  const { child, end } = command(args, env);
  const watch = setInterval(() => {
    if (!stop?.when()) return;
    clearInterval(watch);
    child.kill(stop.signal);
  }, 5);
  return end.finally(() => clearInterval(watch));
}

const warm = new Runs();

/** The command line, until it ends: in a process that has run others before, where that is free and none is to be stopped. */
export async function voxshard(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stop?: Stop,
): Promise<Ended> {
  if (stop || warm.isBusy) return ownProcess(args, env, stop);
  const { code, ...ended } = await warm.run({ args, env });
  return { code: code === "killed" ? null : code, ...ended };
}

/** The same while nothing else happens in this process: for commands that need no server of the test's. */
export const voxshardSync = (args: readonly string[], options: Pick<SpawnOptions, "cwd" | "env"> = {}) =>
  spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", ...options });
