import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answered, Asked } from "./runner.ts";

const script = fileURLToPath(new URL("./runner.js", import.meta.url));
const steps = new URL("./steps.js", import.meta.url).href;

/** How a run ended: with an exit code, or by SIGKILL. */
export type Ended = Omit<Answered, "code"> & { readonly code: number | "killed" };

/** Runs commands one after another in a process that is there already, and in a new one after a SIGKILL. */
export class Runs {
  private child: ChildProcess | undefined;

  async run(asked: Asked): Promise<Ended> {
    const child = (this.child ??= await started());
    const either = new AbortController();
    const answer = once(child, "message", either).then(([found]) => found as Answered);
    const end = once(child, "close", either).then(() => ({ code: "killed", stdout: "", stderr: "" }) as const);
    child.send(asked);
    const ended = await Promise.race([answer, end]);
    for (const other of [answer, end]) other.catch(() => {});
    either.abort();
    if (ended.code === "killed") this.child = undefined;
    return ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  close(): void {
    this.child?.disconnect();
  }
}

async function started(): Promise<ChildProcess> {
  const child = fork(script, { execArgv: ["--import", steps], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await once(child, "message");
  return child;
}
