import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answered, Asked } from "./runner.ts";

const script = fileURLToPath(new URL("./runner.js", import.meta.url));

/** How a run ended: with an exit code, or by SIGKILL. */
export type Ended = Omit<Answered, "code"> & { readonly code: number | "killed" };

/** Runs commands one after another in a process that is there already, and in a new one after a SIGKILL. */
export class Runs {
  private child: ChildProcess | undefined;
  private readonly preload: readonly string[];
  isBusy = false;

  /** `preload` is loaded before the commands, in each of the process' threads. */
  constructor(preload?: URL) {
    this.preload = preload ? ["--import", preload.href] : [];
  }

  async run({ args, env, cwd }: Asked): Promise<Ended> {
    this.isBusy = true;
    const child = (this.child ??= await this.started());
    keep(child, true);
    const either = new AbortController();
    const answer = once(child, "message", either).then(([found]) => found as Answered);
    const end = once(child, "close", either).then(() => ({ code: "killed", stdout: "", stderr: "" }) as const);
    child.send({ args, cwd, env: { ...process.env, ...env } } satisfies Asked);
    const ended = await Promise.race([answer, end]);
    for (const other of [answer, end]) other.catch(() => {});
    either.abort();
    keep(child, false);
    if (ended.code === "killed") this.child = undefined;
    this.isBusy = false;
    return ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  close(): void {
    this.child?.disconnect();
  }

  private async started(): Promise<ChildProcess> {
    const child = fork(script, { execArgv: [...this.preload], stdio: ["ignore", "inherit", "inherit", "ipc"] });
    await once(child, "message");
    return child;
  }
}

/** A process that has nothing to do keeps nobody waiting. */
function keep(child: ChildProcess, isKept: boolean): void {
  for (const one of [child, child.channel]) one?.[isKept ? "ref" : "unref"]();
}
