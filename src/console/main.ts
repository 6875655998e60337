import { EtlError } from "../errors.ts";
import { writeFault } from "../files/whole-file.ts";
import { isStore } from "../stores/store.ts";
import { understand } from "./command-line.ts";
import { cleaner } from "./printable.ts";

/** Runs one command and gives its exit code; nothing else writes to the console. `stop` ends it early. */
export async function main(args: readonly string[], stop: AbortSignal): Promise<number> {
  // Who reads may go first (`| head`): what runs goes on, unheard.
  for (const stream of [process.stdout, process.stderr])
    if (stream.listenerCount("error") === 0) stream.on("error", () => {});
  try {
    return await answer(args, stop);
  } catch (error) {
    return report(error, args.includes("--debug"), stop);
  }
}

async function answer(args: readonly string[], signal: AbortSignal): Promise<number> {
  const asked = understand(args.length === 0 ? ["--help"] : args);
  if ("text" in asked) {
    await print(asked.text);
    return args.length === 0 ? 64 : 0;
  }
  const [run, { startSession }] = await Promise.all([asked.task.load(), import("./session.ts")]);
  const out = asked.given.text("out");
  if (out !== undefined && asked.name !== "plan" && isStore(out))
    throw new EtlError("usage", `--out ${out}: ${asked.name} writes into a folder; plan --out takes a store, and run`);
  const session = startSession(asked.given, signal);
  try {
    const { document, text, exitCode = 0, complaint } = await run(session);
    session.progress.end();
    await print(cleaner()(asked.given.on("json") ? `${JSON.stringify(document)}\n` : text));
    if (complaint !== undefined) process.stderr.write(cleaner()(`voxshard: ${complaint}\n`));
    return exitCode;
  } finally {
    session.progress.end();
    await session.transport.close();
  }
}

/** Writes to standard output. A reader that has gone is no fault; a file that cannot take it is. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error && (error as NodeJS.ErrnoException).code !== "EPIPE") reject(writeFault(error, "standard output"));
      else resolve();
    });
  });
}

/** One line on standard error, the exit code of the fault; a bug has 70 and says that it is one. */
function report(error: unknown, debug: boolean, signal: AbortSignal): number {
  const fault = signal.aborted ? signal.reason : error;
  const known = fault instanceof EtlError ? fault : undefined;
  const line = known
    ? known.message
    : `a fault in voxshard itself: ${error instanceof Error ? error.message : error}; run with --debug and report it`;
  const traces = debug ? stacks(error) : "";
  process.stderr.write(cleaner()(`voxshard: ${line.replace(/\s*\n\s*/g, " ")}\n${traces}`));
  return known?.exitCode ?? 70;
}

/** Of an error and what led to it. */
function stacks(error: unknown): string {
  return error instanceof Error ? `${error.stack}\n${stacks(error.cause)}` : "";
}
