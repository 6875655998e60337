import { Command } from "commander";
import { version } from "../plan/tool-version.ts";
import { commands, type Task } from "./commands.ts";
import { everyFlags, type Given, givenOf, parse, withFlags } from "./flags.ts";

/** What a command line asks for: a command, or a text such as help. */
export type Asked = { readonly name: string; readonly task: Task; readonly given: Given } | { readonly text: string };

type Examples = Task["examples"];
const overview: Examples = [
  ["plan GoodBaiBai88/M3D-Cap --split test100", "what it would cost"],
  ["convert GoodBaiBai88/M3D-Cap --split test100 --out out", "do it; run again to go on"],
  ["verify out", "read everything back"],
];
const sources = `A source is owner/name[/folder][@revision] or hf:owner/name[@revision] on a Hub, modelscope:owner/name[@revision], or
a folder with the archives or the extracted tree.
voxshard COMMAND --help tells more.`;

function afterHelp(examples: Examples, help: string): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return `\nExamples:\n${examples.map(([line, what]) => `  voxshard ${line.padEnd(width)}  ${what}\n`).join("")}\n${help}`;
}

/** Understands a command line without carrying anything out; what it cannot is a usage error. */
export function understand(args: readonly string[]): Asked {
  let asked: Asked = { text: "" };
  const write = (text: string) => {
    asked = { text: `${"text" in asked ? asked.text : ""}${text}` };
  };
  const program = new Command("voxshard")
    .description("M3D-Cap from the Hub into verified columnar shards, without downloading it first")
    .version(version(), "--version", "the version alone")
    .helpOption("-h, --help", "this text, and with a command's name the command's own")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => {} })
    .configureHelp({
      helpWidth: 120,
      optionTerm: ({ flags }) => flags.replace(/[<>]/g, ""),
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
    })
    .addHelpText("after", afterHelp(overview, sources));
  for (const [name, task] of Object.entries(commands)) {
    const command = program
      .command(name)
      .usage(task.usage)
      .description(task.summary)
      .helpOption("-h, --help", "this text");
    withFlags(command, [...task.flags, ...everyFlags]).addHelpText("after", afterHelp(task.examples, task.help));
    command.action(() => {
      asked = { name, task, given: givenOf(command) };
    });
  }
  // Whoever asks for help gets it, whatever else is on the line.
  const [name, ...rest] = args;
  const isHelp =
    name !== undefined && Object.hasOwn(commands, name) && (rest.includes("--help") || rest.includes("-h"));
  parse(program, isHelp ? [name, "--help"] : args);
  return asked;
}
