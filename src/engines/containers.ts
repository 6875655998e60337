import { EtlError } from "../errors.ts";
import { planPath } from "../output/layout.ts";
import { asArray } from "../output/receipts.ts";
import { isStore } from "../stores/store.ts";
import type { Job } from "./job.ts";

/** Arguments of the image, whose command is voxshard itself. */
export interface ContainerCalls {
  /** Of a task: its number counts in the list of the job's tasks. */
  readonly run: readonly string[];
  /** What comes after the last task, one after the other. */
  readonly after: readonly (readonly string[])[];
}

export function containerCalls(job: Job): ContainerCalls {
  const { folder, tasks, shardsPerTask, publish } = job;
  // A store's address is no path, and joining would take a slash off it.
  const plan = isStore(folder) ? `${folder}/${planPath("")}` : planPath(folder);
  const many = ["--tasks", asArray(tasks), "--shards-per-task", `${shardsPerTask}`];
  const after = [["finalize", folder, "--quiet"]];
  if (publish) after.push(["publish", folder, publish.repository, ...publish.flags]);
  return { run: ["run", "--plan", plan, ...many, "--quiet", ...job.run], after };
}

/** The image that an engine of containers runs. */
export function imageOf({ image }: Job): string {
  if (image !== undefined) return image;
  throw new EtlError("usage", "no --image: give one that is made of the Dockerfile (docker build -t NAME .)");
}

/** Values of a template as JSON, whatever is in them. */
export function jsonValues(values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
}
