import { EtlError } from "../errors.ts";
import { version } from "../run/version.ts";
import { type Command, commands } from "./commands.ts";
import { everyFlags, helpLines, readFlags } from "./flags.ts";
import { concealed, printable } from "./printable.ts";
import { startSession } from "./session.ts";

const overview = `voxshard ${version}: M3D-Cap from the Hub into verified columnar shards, without downloading it first

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

/** Runs one command and gives its exit code; nothing else writes to the console. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview);
    return name === undefined ? 64 : 0;
  }
  if (name === "--version") {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const stop = new AbortController();
  const onSignal = () => stop.abort(new EtlError("interrupted", "stopped; the same command goes on where it stopped"));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    const command = commands[name];
    if (!command) throw new EtlError("usage", `${name}: no such command; see voxshard --help`);
    return await runCommand(command, rest, stop.signal);
  } catch (error) {
    return report(error, args.includes("--debug"), stop.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

async function runCommand(command: Command, args: readonly string[], signal: AbortSignal): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(
      `voxshard ${command.usage}\n${command.summary}\n\n${command.help}\n\n${helpLines([...command.flags, ...everyFlags])}\n`,
    );
    return 0;
  }
  const given = readFlags(args, [...command.flags, ...everyFlags]);
  const session = startSession(given, signal);
  try {
    const { document, text, exitCode = 0 } = await command.run(session);
    session.progress.end();
    process.stdout.write(concealed(printable(given.on("json") ? `${JSON.stringify(document)}\n` : text)));
    return exitCode;
  } finally {
    session.progress.end();
    await session.transport.close();
  }
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
