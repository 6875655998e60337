import { EtlError } from "../errors.ts";
import { commands, type Result } from "./commands.ts";
import { everyFlags, type FlagName, helpOf, takesValue } from "./flags.ts";
import type { Session } from "./session.ts";

const names = Object.keys(commands);
const flagsOf = (name: string): readonly FlagName[] => [...commands[name]!.flags, ...everyFlags];
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Commands first, then a command's flags where a dash is typed, else files. */
const bash = () => `_voxshard() {
  local word=\${COMP_WORDS[COMP_CWORD]} known=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then known='${names.join(" ")}'
  elif [[ $word == -* ]]; then
    case \${COMP_WORDS[1]} in
${names.map((name) => `      ${name}) known='${[...flagsOf(name), "help"].map((flag) => `--${flag}`).join(" ")}' ;;`).join("\n")}
    esac
  elif [ "\${COMP_WORDS[1]}" = completion ]; then known='bash zsh fish'
  fi
  [ -z "$known" ] || COMPREPLY=($(compgen -W "$known" -- "$word"))
}
complete -o default -F _voxshard voxshard
`;

const zsh = () => {
  const described = (name: string, help: string) => quoted(`${name}:${help}`);
  return `#compdef voxshard
_voxshard() {
  local -a known
  if (( CURRENT == 2 )); then
    known=(${names.map((name) => described(name, commands[name]!.summary)).join(" ")})
    _describe command known
  elif [[ $words[CURRENT] == -* ]]; then
    case $words[2] in
${names
  .map(
    (name) =>
      `      ${name}) known=(${flagsOf(name)
        .map((flag) => described(`--${flag}`, helpOf(flag)))
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

const fish = () => {
  const line = (condition: string, rest: string, help: string) =>
    `complete -c voxshard -n '${condition}' ${rest} -d ${quoted(help)}\n`;
  const lines = names.flatMap((name) => [
    line("__fish_use_subcommand", `-f -a ${name}`, commands[name]!.summary),
    ...flagsOf(name).map((flag) =>
      line(`__fish_seen_subcommand_from ${name}`, `-l ${flag}${takesValue(flag) ? " -r" : ""}`, helpOf(flag)),
    ),
  ]);
  return `${lines.join("")}${line("__fish_seen_subcommand_from completion", "-f -a 'bash zsh fish'", "shell")}`;
};

const scripts: Readonly<Record<string, () => string>> = { bash, zsh, fish };

export async function completionCommand({ given }: Pick<Session, "given">): Promise<Result> {
  const [shell = ""] = given.positionals;
  if (!Object.hasOwn(scripts, shell))
    throw new EtlError("usage", "give the shell: voxshard completion bash, zsh or fish");
  const script = scripts[shell]!();
  return { document: { shell, script }, text: script };
}
