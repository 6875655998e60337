import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { enginePath } from "../output/layout.ts";
import { asArray } from "../output/receipts.ts";
import type { Engine } from "./engine.ts";
import { handOverScript } from "./hand-over-script.ts";
import { type Job, shellValues, shellWords } from "./job.ts";
import { fromTemplate } from "./template.ts";

/** Slurm's own default: an array's numbers end below it. Asked of the cluster where it answers. */
const MAX_ARRAY_SIZE = 1001;

/** Job arrays, and a job after them that writes the index or submits what is missing. */
export const slurm: Engine = {
  name: "slurm",
  takes: ["folder"],
  async files(job) {
    const values = shellValues(job, "slurm");
    const own = (name: string) => fromTemplate(name, values, job.templates);
    return [
      { name: "task.sh", text: await own("slurm/task.sh") },
      { name: "finalize.sh", text: await own("finalize.sh") },
      { name: "submit.sh", text: submitScript(job, await maxArraySize()) },
    ];
  },
  async handOver(job, { signal }) {
    const { text, exitCode } = await handOverScript("sbatch", job, signal);
    const jobs = text.trim().split("\n").join(", ");
    return { text: `jobs ${jobs}; scancel --name=${job.name} ends all of them\n`, exitCode };
  },
};

async function maxArraySize(): Promise<number> {
  const config = await promisify(execFile)("scontrol", ["show", "config"], { timeout: 30_000 }).catch(() => undefined);
  const [, found] = /^MaxArraySize\s*=\s*(\d+)/m.exec(config?.stdout ?? "") ?? [];
  return Number(found ?? 0) || MAX_ARRAY_SIZE;
}

/** One `sbatch` for each array that Slurm takes at once, and one for what comes after all of them. */
function submitScript(job: Job, most: number): string {
  const logs = path.join(enginePath(job.folder), "logs");
  const sbatch = (log: string, more: string) =>
    `id=$(sbatch --parsable ${shellWords([`--job-name=${job.name}`, `--output=${logs}/${log}.log`])} ${more})`;
  const flags = shellWords(job.flags);
  const arrays = chunks(job.tasks, most).map(({ offset, numbers }, at) => {
    const width = job.width === undefined ? "" : `%${job.width}`;
    // Each array holds its tasks back by itself; one after the other they keep to the width.
    const after = at > 0 && job.width !== undefined ? ' --dependency="afterany$jobs"' : "";
    const line = sbatch("%A_%a", `${flags} --array=${asArray(numbers)}${width}${after} task.sh ${offset}`);
    return `${line}; jobs="$jobs:\${id%%;*}"`;
  });
  const after = arrays.length > 0 ? '--dependency="afterany$jobs"' : "";
  return `#!/bin/sh
# What voxshard submit does, and prints the jobs' numbers. If a part of it fails, what was handed over is taken back.
set -eu
cd ${shellWords([enginePath(job.folder)])}
mkdir -p logs
jobs=
trap 'code=$?; [ $code -eq 0 ] || [ -z "$jobs" ] || scancel $(echo "$jobs" | tr : " "); exit $code' EXIT
${arrays.join("\n")}
${sbatch("finalize-%j", `${flags} ${after} finalize.sh`)}; jobs="$jobs:\${id%%;*}"
echo "$jobs" | tr : "\\n" | sed 1d
`;
}

/** Tasks in groups whose numbers, less the group's offset, an array can have. */
function chunks(tasks: readonly number[], most: number) {
  const groups = new Map<number, number[]>();
  for (const task of tasks) {
    const offset = Math.floor(task / most) * most;
    groups.set(offset, [...(groups.get(offset) ?? []), task - offset]);
  }
  return [...groups].map(([offset, numbers]) => ({ offset, numbers }));
}
