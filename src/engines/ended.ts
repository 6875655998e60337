import { type ChildProcess, spawn } from "node:child_process";
import { open } from "node:fs/promises";

/** The exit code of a command, 128 and the signal's number where it was killed; all that it says goes to the log. */
export async function ended(
  [program, ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const file = await open(log, "a");
  // A group of its own: what a script has started ends with it.
  const child = spawn(program!, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", file.fd, file.fd],
    detached: true,
  });
  const stop = () => void (child.pid && process.kill(-child.pid, "SIGTERM"));
  signal.addEventListener("abort", stop);
  try {
    const code = await exitOf(child);
    signal.throwIfAborted();
    return code;
  } finally {
    signal.removeEventListener("abort", stop);
    await file.close();
  }
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, name) => resolve(code ?? (name === "SIGKILL" ? 137 : 128)));
  });
}
