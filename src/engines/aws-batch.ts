import { EtlError } from "../errors.ts";
import { isStore } from "../stores/store.ts";
import { containerCalls, imageOf, jsonValues } from "./containers.ts";
import type { Engine, EngineFile } from "./engine.ts";
import { handOverScript } from "./hand-over-script.ts";
import { type Job, shellWords } from "./job.ts";
import { fromTemplate } from "./template.ts";

/** AWS Batch takes arrays of 2 to so many. */
const MAX_BATCH_TASKS = 10_000;

/** An array job for the tasks, and jobs after it, each beginning when the one before has succeeded. */
export const awsBatch: Engine = {
  name: "aws-batch",
  takes: ["folder", "store"],
  async files(job) {
    const definition = await fromTemplate("aws-batch/definition.json", valuesOf(job), job.templates);
    const jobs = jobsOf(job);
    return [
      { name: "definition.json", text: definition },
      ...jobs,
      { name: "submit.sh", text: submitScript(job, jobs) },
    ];
  },
  async handOver(job, { signal }) {
    const { text, exitCode } = await handOverScript("aws", job, signal);
    return { text: `jobs ${text.trim().split("\n").join(", ")}\n`, exitCode };
  },
};

function valuesOf(job: Job) {
  const isHere = !isStore(job.folder);
  return jsonValues({
    name: job.name,
    image: imageOf(job),
    run: containerCalls(job).run,
    volumes: isHere ? [{ name: "out", host: { sourcePath: job.folder } }] : [],
    mounts: isHere ? [{ sourceVolume: "out", containerPath: job.folder, readOnly: false }] : [],
  });
}

function jobsOf(job: Job): readonly EngineFile[] {
  const { name, tasks, queue } = job;
  if (queue === undefined) throw new EtlError("usage", "no --queue: give the job queue's name");
  if (tasks.length > MAX_BATCH_TASKS)
    throw new EtlError(
      "usage",
      `${tasks.length} tasks, and AWS Batch takes ${MAX_BATCH_TASKS}; give a larger --shards-per-task`,
    );
  const one = (jobName: string, more: object) =>
    JSON.stringify({ jobName, jobQueue: queue, jobDefinition: name, ...more });
  // An array has at least two; a job alone is told its number as if it were the first of one.
  const alone = { containerOverrides: { environment: [{ name: "VOXSHARD_SHARD", value: "0" }] } };
  const array = tasks.length > 1 ? { arrayProperties: { size: tasks.length } } : alone;
  const after = containerCalls(job).after.map((command) => {
    return { name: `${command[0]}.json`, text: one(`${name}-${command[0]}`, { containerOverrides: { command } }) };
  });
  return [...(tasks.length > 0 ? [{ name: "job.json", text: one(name, array) }] : []), ...after];
}

function submitScript(job: Job, jobs: readonly EngineFile[]): string {
  const flags = shellWords(job.flags);
  const submits = jobs.map(({ name }, at) => {
    const after = at > 0 ? ' --depends-on "jobId=$id"' : "";
    return `id=$(aws batch submit-job ${flags} --cli-input-json file://${name}${after} --query jobId --output text); ids="$ids $id"`;
  });
  return `#!/bin/sh
# What voxshard submit does, and prints the jobs' ids. If a part of it fails, what was handed over is taken back.
set -eu
cd ${shellWords([job.files])}
ids=
undo() {
  code=$?
  [ $code -eq 0 ] || for id in $ids; do aws batch terminate-job ${flags} --job-id $id --reason "not all of it was taken"; done
  exit $code
}
trap undo EXIT
aws batch register-job-definition ${flags} --cli-input-json file://definition.json >/dev/null
${submits.join("\n")}
printf '%s\\n' $ids
`;
}
