import { withRetries } from "../bytes/retrying.ts";
import { isFault } from "../errors.ts";
import { tokenOf } from "../hub/create.ts";
import type { HubClient } from "../hub/hub-client.ts";

type Library = typeof import("@huggingface/hub");
type Started = Parameters<Library["runJob"]>[0];
export type JobRequest = Omit<Started, "namespace" | "hubUrl" | "fetch" | "accessToken" | "credentials">;

/** A job of the service, as far as its labels say whose it is. */
export interface KnownJob {
  readonly id: string;
  readonly task: number;
  readonly hasEnded: boolean;
  readonly hasFailed: boolean;
}

/** What is asked of Hugging Face Jobs. */
export interface JobsApi {
  start(request: JobRequest): Promise<string>;
  /** The jobs with this label. */
  list(name: string): Promise<readonly KnownJob[]>;
}

/** Stages in which nothing runs any more, as the service has them; one that is not known is taken for alive. */
const ENDED = new Set(["COMPLETED", "STOPPED", "ERROR", "CANCELED", "DELETED", "DELETING", "PAUSED"]);
const WELL = new Set(["COMPLETED", "STOPPED"]);

export async function jobsApi(client: HubClient, named: string | undefined, signal: AbortSignal): Promise<JobsApi> {
  const { runJob, listJobs, whoAmI } = await import("@huggingface/hub");
  const { endpoint, retry } = client.options;
  const access = { hubUrl: endpoint.href.replace(/\/$/, ""), accessToken: tokenOf(client), fetch: client.fetch };
  const namespace = named ?? (await whoAmI(access)).name;
  const list = async (name: string) =>
    (await listJobs({ ...access, namespace }))
      .filter(({ labels }) => labels?.["voxshard"] === name)
      .map(({ id, labels, status }): KnownJob => {
        const { stage } = status;
        return { id, task: Number(labels?.["task"]), hasEnded: ENDED.has(stage), hasFailed: !WELL.has(stage) };
      });
  return {
    list,
    start(request) {
      // Sent once: where the answer is lost, the job may have begun, and its labels tell.
      const once = { ...access, fetch: client.fetchOnce, namespace };
      const attempt = async () => {
        try {
          return (await runJob({ ...request, ...once })).id;
        } catch (error) {
          const isLost = isFault(error, "network", "server-error");
          const { voxshard = "", task } = request.labels ?? {};
          const found = isLost ? await list(voxshard) : [];
          const begun = found.find((one) => `${one.task}` === task && !one.hasEnded);
          if (begun) return begun.id;
          throw error;
        }
      };
      return withRetries(attempt, retry, signal);
    },
  };
}
