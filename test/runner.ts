import { main } from "../src/console/main.ts";
import { EtlError } from "../src/errors.ts";

// A process that is asked for one command after another, so that only those that are killed cost a start.
export interface Asked {
  readonly args: readonly string[];
  /** All of its environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
}
export interface Answered {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let stop = new AbortController();
const onSignal = () => stop.abort(new EtlError("interrupted", "stopped"));
process
  .on("SIGINT", onSignal)
  .on("SIGTERM", onSignal)
  .on("disconnect", () => process.exit());

process.on("message", async ({ args, env, cwd }: Asked) => {
  if (cwd !== undefined) process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  stop = new AbortController();
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    process[name].write = ((text: string, done?: () => void) => {
      written[name] += text;
      done?.();
      return true;
    }) as typeof process.stdout.write;
  const code = await main(args, stop.signal);
  process.send?.({ code, ...written } satisfies Answered);
});
process.send?.("ready");
