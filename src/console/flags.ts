import { availableParallelism } from "node:os";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { EtlError } from "../errors.ts";

/** Every flag of every command: what its value is called ("" where it takes none), its line of help, and if it repeats. */
const flags = {
  out: ["DIR", "folder to write into"],
  from: ["SOURCE", "where archives are: a folder, or owner/name; repeatable, the first counts", true],
  index: ["FOLDER|OWNER/NAME", "the archives' directories from an index that somebody made"],
  deep: ["", "also read every member and hold it against its CRC-32"],
  split: ["NAME", "train, validation, test, test100, test500, test1k; repeatable", true],
  collection: ["NAME", "ct_case or ct_quizze; repeatable", true],
  plane: ["NAME", "axial, coronal or sagittal; repeatable", true],
  phase: ["NAME", "as the phase column has it; repeatable", true],
  case: ["ID", "000006 or ct_case/000006; repeatable", true],
  limit: ["N", "the first N series by id in each split"],
  sample: ["N", "N series of each split, drawn by --seed"],
  exclude: ["FILE", "ids to leave out, one a line"],
  "max-rejects": ["N|N%", "more rejected series than this are exit code 65; 10%"],
  "ignore-unread": ["", "archives that cannot be read do not change the exit code"],
  unlisted: ["", "also series that the split file does not name"],
  "split-file": ["FILE", "your own lists: JSON like M3D_Cap.json, or CSV id,split"],
  "split-by": ["case", "a column split_by_case: one split for all series of a case"],
  join: ["vqa=FILE", "M3D-VQA's questions as a column; a file, or a path in the source"],
  size: ["D,H,W", "of m3d volumes; 32,256,256"],
  order: ["NAME", "archive (default) or shuffle: cases mixed across archives"],
  seed: ["N", "for --sample and --order shuffle; 0"],
  format: ["NAME", "parquet (default), arrow (IPC file), or arrow-stream, which Dataset.from_file maps"],
  "parquet-engine": ["NAME", "hyparquet-writer (default) or parquetjs-lite"],
  volume: ["KIND", "m3d (default), native or none"],
  dtype: ["NAME", "of m3d: float32 (default), float16, or uint8, whose rows the Hub's viewer shows"],
  slices: ["", "keep the original encoded slices"],
  "no-preview": ["", "leave out the preview image"],
  "shard-size": ["SIZE", "bytes a shard, before compression; 500MB"],
  "row-group-size": ["SIZE", "bytes a row group or record batch; 8MB (one float32 volume), at most 100MB"],
  codec: ["NAME", "of Parquet: lz4 (default), zstd, snappy, gzip or none"],
  workers: ["N", `decoding threads; ${availableParallelism()} here`],
  layout: ["NAME", "zip, tar, tar.gz or loose; else by the files' names"],
  connections: ["N", "reads at once from one server; 4, and more while they bring more"],
  endpoint: ["URL", "the Hub's address; beats HF_ENDPOINT"],
  shard: ["I", "which shard; else VOXSHARD_SHARD, SLURM_ARRAY_TASK_ID and its kin"],
  shards: ["LIST", "several shards: 3,7,12-15"],
  "index-offset": ["O", "added to the engine's number: arrays that come in chunks; 0"],
  tasks: ["LIST", "the tasks that the engine's numbers count, from 0: 3,7,12-15"],
  "shards-per-task": ["K", "task t makes the shards t*K to t*K+K-1; 1"],
  "shard-list": ["", "print the shards, one a line: number, tab, path"],
  engine: ["NAME", "slurm, k8s, aws-batch, hf-jobs, or local: processes here"],
  image: ["NAME", "of k8s, aws-batch, hf-jobs: made of the Dockerfile"],
  queue: ["NAME", "of aws-batch: the job queue"],
  width: ["N", "tasks at once; as many as the engine gives, hf-jobs 16, local 1"],
  resubmits: ["R", "how often what is missing at the end is submitted again; 3"],
  templates: ["FOLDER", "your own copies of the engine's files (src/engines/templates)"],
  watch: ["", "look again and again until all shards are there, or Ctrl-C"],
  silence: ["SECONDS", "an attempt that gave no sign for so long no longer runs; 120"],
  plan: ["FILE", "DIR/.voxshard/plan.json of a claimed folder"],
  public: ["", "for everyone to see; a new data set is private else"],
  "i-have-the-right-to-publish": ["", "your word for it, where the source does not plainly allow a public copy"],
  "as-recipe": ["", "its recipe alone: no picture, no text, so no licence stands in its way"],
  card: ["FILE", "your own README.md; configs and dataset_info are filled in"],
  publish: ["OWNER/NAME", "send each shard to this data set once it is verified"],
  "max-disk": ["SIZE", "free shards once they are sent: no more than this on disk"],
  to: ["KIND", "npy (the authors' tree), nifti (.nii.gz), chat (JSONL, pictures), webdataset (tars)"],
  recipe: ["NAME", "of nifti: m3d (default), native or med3dvlm"],
  style: ["NAME", "of chat: messages (default) or llava"],
  pictures: ["K|montage", "of chat: slices of a series, at even distances, or one montage of them; 8"],
  prompts: ["FILE", "of chat: questions, one a line; --seed says which series has which"],
  "dry-run": ["", "say what would be written; write nothing"],
  update: ["", "DIR is of an older revision: keep every shard whose series have not changed"],
  audit: ["", "look for leaks and faults in the shards; the card says what was found"],
  "fail-on": ["KINDS", "exit 65 when one of these is found: kinds of findings, or leaks, series, reports; a,b,c"],
  "write-split": ["FILE", "lists in which nothing that belongs together is parted, for convert --split-file"],
  keep: ["SPLIT", "with --write-split: leave this list as it is, and clean the others"],
  port: ["N", "where the page is served; else any that is free"],
  host: ["NAME", "who can reach it; 127.0.0.1, which is this machine alone"],
  open: ["", "open the page in the browser"],
  export: ["SITE", "write the page into a folder instead, for a data set on the Hub"],
  json: ["", "one JSON document on standard output"],
  quiet: ["", "no progress"],
  debug: ["", "stack traces with errors"],
} as const satisfies Record<string, readonly [value: string, help: string, repeats?: true]>;

export type FlagName = keyof typeof flags;
export const sourceFlags: readonly FlagName[] = ["endpoint", "connections", "layout"];
export const selectionFlags: readonly FlagName[] = [
  "split",
  "collection",
  "plane",
  "phase",
  "case",
  "limit",
  "sample",
  "exclude",
  "unlisted",
  "split-file",
];
export const outputFlags: readonly FlagName[] = [
  "format",
  "volume",
  "dtype",
  "size",
  "slices",
  "no-preview",
  "shard-size",
  "row-group-size",
  "codec",
  "parquet-engine",
  "order",
  "seed",
  "split-by",
  "join",
];
export const verdictFlags: readonly FlagName[] = ["max-rejects", "ignore-unread"];
export const publishFlags: readonly FlagName[] = ["public", "i-have-the-right-to-publish", "card"];
export const submitFlags: readonly FlagName[] = [
  "engine",
  "image",
  "queue",
  "width",
  "shards-per-task",
  "resubmits",
  "templates",
  "dry-run",
  "publish",
];
/** Of `run`, where another command starts it. */
export const runFlags: readonly FlagName[] = ["workers", "connections", "endpoint"];
export const exportFlags: readonly FlagName[] = ["to", "recipe", "style", "pictures", "prompts", "dry-run"];
export const everyFlags: readonly FlagName[] = ["json", "quiet", "debug"];

/** One word may be another flag of another command: both are written alike. */
export const longOf = (name: FlagName): string => (name === "as-recipe" ? "recipe" : name);
export const helpOf = (name: FlagName) => flags[name][1];
export const takesValue = (name: FlagName) => flags[name][0] !== "";

export interface Given {
  readonly positionals: readonly string[];
  readonly text: (name: FlagName) => string | undefined;
  readonly list: (name: FlagName) => string[];
  readonly on: (name: FlagName) => boolean;
  /** A whole number from `least` on, or `otherwise` where the flag is not given. */
  readonly count: <T>(name: FlagName, least: number, otherwise: T) => number | T;
}

function optionOf(name: FlagName): Option {
  const [value, help, repeats] = flags[name] as readonly [string, string, true?];
  if (value === "") return new Option(`--${longOf(name)}`, help);
  return new Option(`--${longOf(name)} <${value}>`, help).argParser<string | string[]>((text, before = []) => {
    if (/^-./.test(text)) throw new InvalidArgumentError("It looks like a flag: is a value missing?");
    return repeats ? [...before, text] : text;
  });
}

/** Lets a command take these flags, and any positionals: the command itself says which it lacks. */
export function withFlags(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) command.addOption(optionOf(name));
  return command.allowExcessArguments();
}

/** What a command was given, once it is parsed. */
export function givenOf(command: Command): Given {
  const value = (name: FlagName): unknown => {
    const option = command.options.find(({ long }) => long === `--${longOf(name)}`);
    const found = option && command.getOptionValue(option.attributeName());
    return option?.negate ? found === false || undefined : found;
  };
  const text = (name: FlagName) => value(name) as string | undefined;
  return {
    positionals: command.args,
    text,
    list: (name) => (value(name) as string[] | undefined) ?? [],
    on: (name) => value(name) === true,
    count: (name, least, otherwise) => {
      const given = text(name);
      if (given === undefined) return otherwise;
      if (!/^\d+$/.test(given) || Number(given) < least)
        throw new EtlError("usage", `--${name} ${given}: give a whole number, ${least} or more`);
      return Number(given);
    },
  };
}

/** Parses without ending the process: what the parser does not understand is a usage error that names it. */
export function parse(command: Command, args: readonly string[]): void {
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (/^commander\.(help|version)/.test(error.code)) return;
    const line = error.message.replace(/^error: /, "").replace(/\n\(Did (.*)\)$/, ": did $1");
    const [, flag = ""] = /^unknown option '--([\w-]+)'/.exec(line) ?? [];
    // The nearest name would mislead whoever takes a flag from one command to another.
    if (Object.hasOwn(flags, flag)) throw new EtlError("usage", `--${flag} belongs to another command; see --help`);
    throw new EtlError("usage", line.endsWith("?") ? line : `${line}; see --help`);
  }
}

/** Reads a command's arguments alone. */
export function readFlags(args: readonly string[], known: readonly FlagName[]): Given {
  const command = withFlags(new Command(), known)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  parse(command, args);
  return givenOf(command);
}
