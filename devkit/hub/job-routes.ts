import { json, Refusal, type Reply } from "./reply.ts";
import { type Context, type Route, route } from "./router.ts";
import { writer } from "./state.ts";

/** What a client asks to be run. */
export interface JobAsked {
  readonly dockerImage?: string;
  readonly flavor: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly attempts?: number;
}
interface HubJob extends Omit<JobAsked, "secrets"> {
  readonly type: "job";
  readonly id: string;
  readonly createdAt: string;
  /** Names alone. */
  readonly secrets: readonly string[];
  status: { stage: string; failureCount: number };
}

/** Carries out a job; gives its exit code. */
export type RunJob = (job: JobAsked) => Promise<number>;

/** Hugging Face Jobs, as far as the Hub's JavaScript client speaks them. */
export function jobRoutes(run: RunJob | undefined): readonly Route[] {
  const jobs = new Map<string, HubJob>();
  const owned = (context: Context) => {
    writer(context, context.params["namespace"]!);
    return [...jobs.values()];
  };
  const found = (context: Context): HubJob => {
    const job = owned(context).find(({ id }) => id === context.params["id"]);
    if (!job) throw new Refusal(404, "Job not found");
    return job;
  };
  const start = async (context: Context): Promise<Reply> => {
    owned(context);
    if (!run) throw new Refusal(403, "Jobs are not available to this account");
    const asked = (await context.json()) as JobAsked;
    if (!asked.dockerImage || !asked.flavor) throw new Refusal(400, "dockerImage and flavor are required");
    const { secrets = {}, ...plain } = asked;
    const status = { stage: "RUNNING", failureCount: 0 };
    const id = `${jobs.size}`.padStart(24, "0");
    const job: HubJob = {
      ...plain,
      type: "job",
      id,
      createdAt: new Date().toISOString(),
      secrets: Object.keys(secrets),
      status,
    };
    jobs.set(id, job);
    tried(job, asked, run).catch(() => (status.stage = "ERROR"));
    return json(job);
  };
  return [
    route("jobs", "POST", "/api/jobs/:namespace", start),
    route("jobs", "GET", "/api/jobs/:namespace", (context) => json(owned(context))),
    route("jobs", "GET", "/api/jobs/:namespace/:id", (context) => json(found(context))),
    route("jobs", "POST", "/api/jobs/:namespace/:id/cancel", (context) => {
      const job = found(context);
      job.status.stage = "CANCELED";
      return json(job);
    }),
  ];
}

async function tried(job: HubJob, asked: JobAsked, run: RunJob): Promise<void> {
  for (let attempt = 0; attempt < (asked.attempts ?? 1); attempt++) {
    const code = await run(asked);
    if (job.status.stage === "CANCELED") return;
    if (code === 0) {
      job.status.stage = "COMPLETED";
      return;
    }
    job.status.failureCount += 1;
  }
  job.status.stage = "ERROR";
}
