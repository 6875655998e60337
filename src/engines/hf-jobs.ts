import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { EtlError } from "../errors.ts";
import { withHub } from "../hub/hub-access.ts";
import { containerCalls, imageOf } from "./containers.ts";
import { ended } from "./ended.ts";
import type { Engine, HandOver } from "./engine.ts";
import { type JobsApi, jobsApi } from "./hf-jobs-api.ts";
import { jobFlags } from "./hf-jobs-flags.ts";
import { type Job, shellValues } from "./job.ts";
import { fromTemplate } from "./template.ts";

/** Jobs alive at once where nobody says how many. */
const WIDTH = 16;
/** One request of the API's 1,000 in 5 minutes for each look. */
const LOOK_EVERY_MS = 10_000;

/**
 * Hugging Face Jobs, one a task, so many alive at a time. Nothing is remembered here: a job says by its labels which task
 * it is, a shard by its receipt that it is done, so a submit that was stopped goes on where the jobs are.
 */
export function hfJobsLookingEvery(lookMs: number): Engine {
  return {
    name: "hf-jobs",
    takes: ["store"],
    async files(job) {
      const finalize = await fromTemplate("finalize.sh", shellValues(job, "hf-jobs"), job.templates);
      return [
        { name: "finalize.sh", text: finalize },
        { name: "hf-job.json", text: `${JSON.stringify(requestOf(job), undefined, 2)}\n` },
      ];
    },
    async handOver(job, options) {
      const { endpoint, namespace } = jobFlags(job);
      const failed = await withHub({ endpoint, signal: options.signal }, async (client) =>
        windowed(job, await jobsApi(client, namespace, options.signal), options, {
          lookMs,
          token: client.options.token,
        }),
      );
      const log = path.join(job.files, "finalize.log");
      const exitCode = await ended(["sh", path.join(job.files, "finalize.sh")], {}, log, options.signal);
      const troubles = failed === 0 ? "" : `, ${failed} failed`;
      return { text: `${job.tasks.length} jobs${troubles}\n`, exitCode };
    },
  };
}

export const hfJobs: Engine = hfJobsLookingEvery(LOOK_EVERY_MS);

/** What every task's job is started with, but for its number and the keys. */
function requestOf(job: Job) {
  const { flavor, timeout } = jobFlags(job);
  const { run } = containerCalls({ ...job, tasks: [] });
  // Without the list of tasks: each job is told its own.
  const list = run.indexOf("--tasks");
  return {
    dockerImage: imageOf(job),
    flavor,
    command: ["voxshard", ...run.slice(0, list), ...run.slice(list + 2)],
    timeoutSeconds: timeout,
    attempts: 4,
    environment: Object.fromEntries(PLAIN.flatMap(given)),
    labels: { voxshard: job.name },
  };
}

/** What tells the tasks where things are, and what lets them in, as it is set here. */
const PLAIN = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION", "HF_ENDPOINT"];
const SECRET = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
const given = (name: string): [string, string][] => {
  const value = process.env[name];
  return value ? [[name, value]] : [];
};

/** Starts a job for each task that no living job has, keeps to the width, and waits for all; gives how many failed. */
async function windowed(
  job: Job,
  api: JobsApi,
  { signal, onTask }: HandOver,
  { lookMs, token }: { readonly lookMs: number; readonly token: string | undefined },
): Promise<number> {
  const request = requestOf(job);
  // The token that was found here, wherever that was: a job has no file that `hf auth login` has left.
  const secrets = Object.fromEntries([...SECRET.flatMap(given), ...(token === undefined ? [] : [["HF_TOKEN", token]])]);
  const waiting = new Set(job.tasks);
  /** Of this call or an earlier one, by their ids. */
  const alive = new Map<string, number>();
  for (const one of await api.list(job.name))
    if (!one.hasEnded && waiting.delete(one.task)) alive.set(one.id, one.task);
  let [done, failed] = [0, 0];
  for (;;) {
    for (const task of [...waiting].slice(0, Math.max(0, (job.width ?? WIDTH) - alive.size))) {
      const labels = { ...request.labels, task: `${task}` };
      const environment = { ...request.environment, VOXSHARD_SHARD: `${task}`, VOXSHARD_JOB: `${job.name}_${task}` };
      const id = await api.start({ ...request, labels, environment, secrets });
      waiting.delete(task);
      alive.set(id, task);
    }
    if (alive.size === 0) return failed;
    await wait(lookMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    for (const one of await api.list(job.name)) {
      if (!one.hasEnded || !alive.delete(one.id)) continue;
      if (one.hasFailed) failed += 1;
      onTask((done += 1));
    }
    if (signal.aborted) throw new EtlError("interrupted", `${job.folder}: stopped; the same command goes on`);
  }
}
