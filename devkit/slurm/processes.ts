import { readdirSync, readFileSync } from "node:fs";

/** Processes whose environment has a variable that begins so: what a daemon started, and all that came of it. */
export function processesWith(...variables: readonly string[]): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const environment = `\0${textOf(`/proc/${pid}/environ`)}`;
      return variables.every((variable) => environment.includes(`\0${variable}`));
    })
    .map(Number);
}

/** Ends processes at once; those that have ended by themselves are none to mind. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, "SIGKILL");
    } catch {}
}

/** True while the process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(textOf(`/proc/${pid}/status`));
}

/** True where a signal waits for a process that is stopped. */
export function isPending(pid: number, signal: number): boolean {
  const pending = [...textOf(`/proc/${pid}/status`).matchAll(/^(?:SigPnd|ShdPnd):\s+([0-9a-f]+)$/gm)];
  return pending.some(([, bits]) => ((BigInt(`0x${bits}`) >> BigInt(signal - 1)) & 1n) === 1n);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
