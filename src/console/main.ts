import { EtlError } from "../errors.ts";
import { writeFault } from "../files/whole-file.ts";
import { version } from "../plan/tool-version.ts";
import { type Command, commands } from "./commands.ts";
import { everyFlags, helpLines, readFlags } from "./flags.ts";
import { concealed, printable } from "./printable.ts";
import { startSession } from "./session.ts";

const overview = `voxshard ${version()}: M3D-Cap from the Hub into verified columnar shards, without downloading it first

  voxshard plan    GoodBaiBai88/M3D-Cap --split test100              what it would cost
  voxshard convert GoodBaiBai88/M3D-Cap --split test100 --out out    do it; run again to go on
  voxshard verify  out                                               read everything back

Commands:
${Object.values(commands)
  .map(({ usage, summary }) => `  voxshard ${usage.padEnd(24)} ${summary}`)
  .join("\n")}

A source is owner/name[@revision], hf:owner/name[@revision], or a folder with the archives or the extracted tree.
voxshard COMMAND --help tells more.
`;

/** Runs one command and gives its exit code; nothing else writes to the console. `stop` ends it early. */
export async function main(args: readonly string[], stop: AbortSignal): Promise<number> {
  // Who reads may go first (`| head`): what runs goes on, unheard.
  for (const stream of [process.stdout, process.stderr])
    if (stream.listenerCount("error") === 0) stream.on("error", () => {});
  try {
    return await named(args, stop);
  } catch (error) {
    return report(error, args.includes("--debug"), stop);
  }
}

async function named([name, ...rest]: readonly string[], stop: AbortSignal): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    await print(overview);
    return name === undefined ? 64 : 0;
  }
  if (name === "--version") {
    await print(`${version()}\n`);
    return 0;
  }
  const command = commands[name];
  if (!command) throw new EtlError("usage", `${name}: no such command; see voxshard --help`);
  return runCommand(command, rest, stop);
}

async function runCommand(command: Command, args: readonly string[], signal: AbortSignal): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    await print(
      `voxshard ${command.usage}\n${command.summary}\n\n${command.help}\n\n${helpLines([...command.flags, ...everyFlags])}\n`,
    );
    return 0;
  }
  const given = readFlags(args, [...command.flags, ...everyFlags]);
  const session = startSession(given, signal);
  try {
    const { document, text, exitCode = 0 } = await command.run(session);
    session.progress.end();
    await print(concealed(printable(given.on("json") ? `${JSON.stringify(document)}\n` : text)));
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
  process.stderr.write(concealed(printable(`voxshard: ${line.replace(/\s*\n\s*/g, " ")}\n${traces}`)));
  return known?.exitCode ?? 70;
}

/** Of an error and what led to it. */
function stacks(error: unknown): string {
  return error instanceof Error ? `${error.stack}\n${stacks(error.cause)}` : "";
}
