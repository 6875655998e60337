import { publishFlags, runFlags, sourceFlags, submitFlags } from "./flags.ts";
import type { Task } from "./task.ts";

const onFolder = () => import("./folder-commands.ts");

/** The commands of a conversion that many machines share. */
export const manyMachines: Readonly<Record<string, Task>> = {
  run: {
    usage: "--plan FILE",
    summary: "make one shard, or a few: what a cluster schedules",
    examples: [
      ["run --plan out/.voxshard/plan.json --shard 3", "the fourth shard of the folder out"],
      ["run --plan out/.voxshard/plan.json", "in an array job: the task's number"],
      ["run --plan out/.voxshard/plan.json --shards 3,7,12-15", "what missing has printed"],
      ["run --plan out/.voxshard/plan.json --index-offset 9 --shards-per-task 4", "task 0: 36 to 39"],
      ["run --plan out/.voxshard/plan.json --from ./half", "where rebuild began"],
      ["run --plan s3://bucket/m3d/.voxshard/plan.json", "shard, receipt, log go to the store"],
    ],
    help: `The folder is the plan's own (plan --out, or convert, made it so). A finished shard is left as it is.
Without --shard or --shards, the number is VOXSHARD_SHARD, else that of the engine: SLURM_ARRAY_TASK_ID,
JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, CLOUD_RUN_TASK_INDEX, BATCH_TASK_INDEX, PBS_ARRAY_INDEX, and from 1 on
SGE_TASK_ID, LSB_JOBINDEX; two that disagree are exit code 64. How each try went is in .voxshard/attempts/.
Exit codes: 0 done, or there already; 75 try again; 64, 65, 66 and 77 will be the same next time.`,
    flags: ["plan", "shard", "shards", "index-offset", "tasks", "shards-per-task", "from", "workers", ...sourceFlags],
    load: async () => (await import("./run-command.ts")).runCommand,
  },
  submit: {
    usage: "DIR --engine NAME [-- FLAGS]",
    summary: "hand what is missing to a cluster, and what comes after it",
    examples: [
      ["submit out --engine slurm --width 64 -- --partition=cpu --mem=6G", "of the folder out, 64 tasks at once"],
      ["submit out --engine slurm --dry-run", "print the files; nothing is begun"],
      ["submit out --engine slurm --publish me/m3d", "and publish it at the end (publish --help)"],
      ["submit s3://bucket/m3d --engine k8s --image host/voxshard:1", "of a store"],
      ["submit out --engine aws-batch --queue cpu --image host/voxshard:1", "10,000 tasks at most"],
      ["submit hf://buckets/me/m3d --engine hf-jobs --image me/m3d:1", "Hugging Face Jobs, 16 at once"],
      ["submit out --engine local --width 2", "as processes here, to the end"],
    ],
    help: `It writes the engine's files to DIR/.voxshard/engine/ and hands them over; their logs lie there too. A task that was
killed or says "try again" is tried again, three times; after all tasks comes finalize, and submits what is missing.
Given again it hands over what is missing by then. The files are templates: --templates FOLDER takes your copies.
A token for --publish is what the engine's jobs find in their environment; Slurm hands on HF_TOKEN.
k8s and aws-batch (not run against a live cluster or service): kubectl or aws hands over the tasks and what comes after
them. They try tasks again by themselves, and submit nothing anew. k8s: keys are in the secret voxshard, a folder in the
claim voxshard. aws-batch: a folder is on all hosts; the queue decides how many tasks run at once.
hf-jobs (not run against the live service): a store alone; behind --: --flavor, --namespace, --timeout SECONDS. It waits
for the end; stopped, the same line goes on: jobs that live are known by their labels, shards by their receipts. Jobs
get the token that is found here, and the AWS keys of the environment, as secrets.`,
    flags: [...submitFlags, ...publishFlags, "from", ...runFlags],
    load: async () => (await import("./submit-command.ts")).submitCommand,
  },
  status: {
    usage: "DIR",
    summary: "how a folder stands: done, running, failed and why, rate, time left",
    examples: [
      ["status out", "now"],
      ["status out --watch", "until all shards are there"],
      ["status out --json", "with each attempt's host, job and log"],
    ],
    help: `By receipts and the attempts' logs alone, so it is true when the engine is down or has forgotten. An attempt that has
no end and gave no sign for two minutes (--silence) is lost: it was killed, or its node is gone.`,
    flags: ["watch", "silence"],
    load: async () => (await import("./status-command.ts")).statusCommand,
  },
  missing: {
    usage: "DIR",
    summary: "the shards that are not there yet, as a list for --array",
    examples: [["missing out", "sbatch --array=$(voxshard missing out) job.sh"]],
    help: "Exit 0 with an empty line when none is missing.",
    flags: [],
    load: async () => (await onFolder()).missingCommand,
  },
  finalize: {
    usage: "DIR",
    summary: "write index, rejects and card when all shards are there",
    examples: [["finalize out", "after the last shard of a cluster's run"]],
    help: "Exit 75 while shards are missing.",
    flags: [],
    load: async () => (await onFolder()).finalizeCommand,
  },
};
