import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "../engines/engine.ts";
import { engineOf } from "../engines/engines.ts";
import { type Job, tasksOf } from "../engines/job.ts";
import { EtlError } from "../errors.ts";
import { enginePath } from "../output/layout.ts";
import { planOf, writeInto } from "../output/output-folder.ts";
import { standing } from "../output/receipts.ts";
import { bringState } from "../output/stored-state.ts";
import { planHash } from "../plan/plan-hash.ts";
import { isRebuilt } from "../recipe/recipe-source.ts";
import type { Mirror } from "../stores/mirror.ts";
import { isStore } from "../stores/store.ts";
import type { Result } from "./commands.ts";
import { type FlagName, type Given, publishFlags, runFlags, takesValue } from "./flags.ts";
import { inPlace } from "./in-place.ts";
import type { Session } from "./session.ts";

const cli = fileURLToPath(new URL("../cli.js", import.meta.url));

/** Hands what is missing of a folder to an engine. */
export async function submitCommand(session: Session): Promise<Result> {
  const { given } = session;
  const engine = engineOf(given.text("engine"));
  const [named] = given.positionals;
  if (named === undefined || named.startsWith("-"))
    throw new EtlError("usage", "no folder: give the one that plan --out has claimed");
  const place = isStore(named) ? named.replace(/\/+$/, "") : path.resolve(named);
  const kind = isStore(place) ? "store" : "folder";
  if (!engine.takes.includes(kind))
    throw new EtlError(
      "usage",
      kind === "store"
        ? `${place}: ${engine.name} keeps its files and logs in the folder; give one`
        : `${place}: ${engine.name} sees no folder of this machine; give a store (plan --out hf://buckets/owner/name, or s3://bucket/prefix)`,
    );
  return inPlace(session, place, (folder, mirror) => submit(session, engine, { place, folder, mirror }));
}

interface Where {
  /** What the engine's tasks are given. */
  readonly place: string;
  /** What stands for it on this machine. */
  readonly folder: string;
  readonly mirror: Mirror | undefined;
}

async function submit(
  { given, progress, signal }: Session,
  engine: Engine,
  { place, folder, mirror }: Where,
): Promise<Result> {
  const plan = mirror ? await bringState(mirror) : await planOf(folder);
  const { missing } = await standing(folder, plan);
  const ours = jobOf(given, planHash(plan), missing);
  const run = [...ours.run, ...placesOf(given, folder)];
  const job: Job = { ...ours, run, folder: place, files: enginePath(folder) };
  const files = (await engine.files(job)).map(({ name, text }) => ({ path: path.join(job.files, name), text }));
  const document = {
    engine: engine.name,
    folder: place,
    job: job.name,
    shards: plan.shards.length,
    missing: missing.length,
  };
  const tasks = job.tasks.length;
  if (given.on("dry-run")) {
    const text = files.map((file) => `# ${file.path}\n${file.text}\n`).join("");
    return { document: { ...document, tasks, files, dryRun: true }, text };
  }
  for (const file of files) await writeInto(folder, file.path, file.text);
  await mirror?.sendAll(files.map((file) => file.path));
  const onTask = (done: number) => progress.show(engine.name, done, tasks, "tasks");
  const { text, exitCode } = await engine.handOver(job, { signal, onTask });
  const what = `${missing.length} of ${plan.shards.length} shards in ${tasks} tasks: ${engine.name}, ${job.name}`;
  return {
    document: { ...document, tasks, files: files.map((file) => file.path), exitCode, said: text.trim() },
    text: `${what}\n${text}`,
    exitCode,
    ...(exitCode !== 0 && { complaint: `${place}: exit code ${exitCode} at the end; ${text.trim()}` }),
  };
}

function jobOf(given: Given, hash: string, missing: readonly number[]): Omit<Job, "folder" | "files"> {
  const shardsPerTask = given.count("shards-per-task", 1, 1);
  const repository = given.text("publish");
  const templates = given.text("templates");
  const stray = publishFlags.find((name) => repository === undefined && given.text(name) !== undefined);
  if (stray) throw new EtlError("usage", `--${stray} goes with --publish OWNER/NAME`);
  return {
    name: `voxshard-${hash.slice(0, 8)}`,
    tasks: tasksOf(missing, shardsPerTask),
    shardsPerTask,
    image: given.text("image"),
    queue: given.text("queue"),
    width: given.count("width", 1, undefined),
    resubmits: given.count("resubmits", 0, 3),
    voxshard: [process.execPath, cli],
    run: asGiven(given, runFlags),
    publish: repository === undefined ? undefined : { repository, flags: asGiven(given, publishFlags) },
    flags: given.positionals.slice(1),
    templates: templates === undefined ? undefined : path.resolve(templates),
  };
}

/** Where the archives of a recipe's folder are; a task may run in another folder. */
function placesOf(given: Given, folder: string): readonly string[] {
  const places = given.list("from");
  if (isRebuilt(folder) !== places.length > 0)
    throw new EtlError(
      "usage",
      isRebuilt(folder)
        ? `${folder} is a recipe's: give --from SOURCE`
        : `--from: ${folder} is no recipe's; its plan names its source`,
    );
  return places.flatMap((place) => ["--from", existsSync(place) ? path.resolve(place) : place]);
}

/** Flags as they were given, for another command. */
function asGiven(given: Given, names: readonly FlagName[]): readonly string[] {
  return names.flatMap((name) => {
    if (!takesValue(name)) return given.on(name) ? [`--${name}`] : [];
    const value = given.text(name);
    return value === undefined ? [] : [`--${name}`, name === "card" ? path.resolve(value) : value];
  });
}
