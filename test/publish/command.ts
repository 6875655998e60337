import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../src/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number | undefined;
}

/** The command line in a process of its own. A signal is sent, once, when `when` holds. */
export function voxshard(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stop?: { readonly signal: NodeJS.Signals; readonly when: () => boolean },
): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const watch = setInterval(() => {
    if (!stop?.when()) return;
    clearInterval(watch);
    child.kill(stop.signal);
  }, 5);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearInterval(watch);
      resolve({ code, stdout, stderr, pid: child.pid });
    });
  });
}
