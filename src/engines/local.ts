import { mkdir } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import { enginePath, planPath } from "../output/layout.ts";
import { ended } from "./ended.ts";
import type { Engine } from "./engine.ts";
import { type Job, shellValues } from "./job.ts";
import { fromTemplate } from "./template.ts";

/** As often as the scripts of other engines try a task again by themselves. */
const RETRIES = 3;

/** Processes on this machine, a task each, as another engine would start them; waits for the end. */
export const local: Engine = {
  name: "local",
  takes: ["folder"],
  async files(job) {
    return [{ name: "finalize.sh", text: await fromTemplate("finalize.sh", shellValues(job, "local"), job.templates) }];
  },
  async handOver(job, { signal, onTask }) {
    const engine = enginePath(job.folder);
    await mkdir(path.join(engine, "logs"), { recursive: true });
    let [done, failed] = [0, 0];
    for await (const code of mapBounded(job.tasks, { limit: job.width ?? 1 }, (task) => tried(job, task, signal))) {
      if (code !== 0) failed += 1;
      onTask((done += 1));
    }
    const after = await ended(
      ["sh", path.join(engine, "finalize.sh")],
      {},
      path.join(engine, "logs", "finalize.log"),
      signal,
    );
    const troubles = failed === 0 ? "" : `, ${failed} failed`;
    return { text: `${done} tasks${troubles}; their logs are in ${engine}/logs\n`, exitCode: after };
  },
};

/** One task to its end, a few times where it says so or was killed; gives its last exit code. */
async function tried(job: Job, task: number, signal: AbortSignal): Promise<number> {
  const log = path.join(enginePath(job.folder), "logs", `${task}.log`);
  const args = ["run", "--plan", planPath(job.folder), "--shards-per-task", `${job.shardsPerTask}`, "--quiet"];
  const env = { VOXSHARD_SHARD: `${task}`, VOXSHARD_LOG: log, VOXSHARD_JOB: `${job.name}_${task}` };
  for (let retries = 0; ; retries++) {
    const code = await ended([...job.voxshard, ...args, ...job.run], env, log, signal);
    if (code === 77) throw new EtlError("not-allowed", `${log}: the source may not be read; no other task could`);
    if ((code !== 75 && code !== 137) || retries === RETRIES) return code;
  }
}
