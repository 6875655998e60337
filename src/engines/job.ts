import path from "node:path";
import { enginePath, planPath } from "../output/layout.ts";

/** What every engine is asked for: the tasks of one folder that have shards to make, and what comes after the last. */
export interface Job {
  /** Letters, digits and dashes: the same for the same plan, so that people find it with their engine's own tools. */
  readonly name: string;
  /** Absolute; or, where the engine's tasks need no shared folder, a store's address. */
  readonly folder: string;
  /** Where the engine's files lie on this machine. */
  readonly files: string;
  /** Numbers of the tasks that have shards to make: task t has the shards from t × `shardsPerTask` on. */
  readonly tasks: readonly number[];
  readonly shardsPerTask: number;
  /** Tasks at once; undefined where the engine has no reason to hold any back. */
  readonly width: number | undefined;
  /** How often what is missing at the end is submitted anew. */
  readonly resubmits: number;
  /** The command that is voxshard, on the machines that run the tasks. */
  readonly voxshard: readonly string[];
  /** Flags of every `run`. */
  readonly run: readonly string[];
  /** The data set that the finished folder becomes, and flags of `publish`. */
  readonly publish: { readonly repository: string; readonly flags: readonly string[] } | undefined;
  /** What an engine of containers runs: made of the Dockerfile. */
  readonly image?: string | undefined;
  /** Where AWS Batch takes its jobs from. */
  readonly queue?: string | undefined;
  /** The engine's own flags, as they were given behind `--`. */
  readonly flags: readonly string[];
  /** A folder with the site's own copies of the templates. */
  readonly templates: string | undefined;
}

/** The tasks that have one of these shards. */
export function tasksOf(shards: readonly number[], shardsPerTask: number): readonly number[] {
  return [...new Set(shards.map((shard) => Math.floor(shard / shardsPerTask)))];
}

/** The line that submits what is missing once more; undefined when it was the last time. */
function again(job: Job, engine: string): readonly string[] | undefined {
  const { folder, width, resubmits, publish, templates, flags } = job;
  if (resubmits === 0) return undefined;
  return [
    ...[...job.voxshard, "submit", folder, "--engine", engine, "--resubmits", `${resubmits - 1}`, "--quiet"],
    ...["--shards-per-task", `${job.shardsPerTask}`, ...(width === undefined ? [] : ["--width", `${width}`])],
    ...(publish ? ["--publish", publish.repository, ...publish.flags] : []),
    ...(templates === undefined ? [] : ["--templates", templates]),
    ...(job.image === undefined ? [] : ["--image", job.image]),
    ...job.run,
    ...(flags.length > 0 ? ["--", ...flags] : []),
  ];
}

/** What a template may ask for, each as words of a shell's line. */
export function shellValues(job: Job, engine: string): Readonly<Record<string, string>> {
  const { voxshard, folder, publish } = job;
  const anew = again(job, engine);
  return {
    name: job.name,
    voxshard: shellWords(voxshard),
    folder: shellWords([folder]),
    logs: shellWords([path.join(enginePath(folder), "logs")]),
    plan: shellWords([planPath(folder)]),
    shards_per_task: `${job.shardsPerTask}`,
    run: shellWords(job.run),
    publish: publish ? shellWords([...voxshard, "publish", folder, publish.repository, ...publish.flags]) : ":",
    again: anew ? `exec ${shellWords(anew)}` : ":",
  };
}

/** Words as a POSIX shell reads them back, whatever is in them. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
