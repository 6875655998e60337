import { EtlError } from "../errors.ts";
import type { Result, Task } from "./commands.ts";
import { everyFlags, type FlagName, helpOf, longOf, takesValue } from "./flags.ts";
import type { Session } from "./session.ts";

type Commands = Readonly<Record<string, Task>>;
const flagsOf = (task: Task): readonly FlagName[] => [...task.flags, ...everyFlags];
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Commands first, then a command's flags where a dash is typed, else files. */
const bash = (commands: Commands) => `_voxshard() {
  local word=\${COMP_WORDS[COMP_CWORD]} known=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then known='${Object.keys(commands).join(" ")}'
  elif [[ $word == -* ]]; then
    case \${COMP_WORDS[1]} in
${Object.entries(commands)
  .map(
    ([name, task]) =>
      `      ${name}) known='${[...flagsOf(task).map(longOf), "help"].map((flag) => `--${flag}`).join(" ")}' ;;`,
  )
  .join("\n")}
    esac
  elif [ "\${COMP_WORDS[1]}" = completion ]; then known='bash zsh fish'
  fi
  [ -z "$known" ] || COMPREPLY=($(compgen -W "$known" -- "$word"))
}
complete -o default -F _voxshard voxshard
`;

const zsh = (commands: Commands) => {
  const all = Object.entries(commands);
  const described = (name: string, help: string) => quoted(`${name}:${help}`);
  return `#compdef voxshard
_voxshard() {
  local -a known
  if (( CURRENT == 2 )); then
    known=(${all.map(([name, { summary }]) => described(name, summary)).join(" ")})
    _describe command known
  elif [[ $words[CURRENT] == -* ]]; then
    case $words[2] in
${all
  .map(
    ([name, task]) =>
      `      ${name}) known=(${flagsOf(task)
        .map((flag) => described(`--${longOf(flag)}`, helpOf(flag)))
        .join(" ")}) ;;`,
  )
  .join("\n")}
    esac
    _describe -o flag known
  elif [[ $words[2] == completion ]]; then compadd bash zsh fish
  else _files
  fi
}
compdef _voxshard voxshard
`;
};

const fish = (commands: Commands) => {
  const line = (condition: string, rest: string, help: string) =>
    `complete -c voxshard -n '${condition}' ${rest} -d ${quoted(help)}\n`;
  const lines = Object.entries(commands).flatMap(([name, task]) => [
    line("__fish_use_subcommand", `-f -a ${name}`, task.summary),
    ...flagsOf(task).map((flag) =>
      line(`__fish_seen_subcommand_from ${name}`, `-l ${longOf(flag)}${takesValue(flag) ? " -r" : ""}`, helpOf(flag)),
    ),
  ]);
  return `${lines.join("")}${line("__fish_seen_subcommand_from completion", "-f -a 'bash zsh fish'", "shell")}`;
};

const scripts: Readonly<Record<string, (commands: Commands) => string>> = { bash, zsh, fish };

export const completionOf =
  (commands: Commands) =>
  async ({ given }: Pick<Session, "given">): Promise<Result> => {
    const [shell = ""] = given.positionals;
    if (!Object.hasOwn(scripts, shell))
      throw new EtlError("usage", "give the shell: voxshard completion bash, zsh or fish");
    const script = scripts[shell]!(commands);
    return { document: { shell, script }, text: script };
  };
