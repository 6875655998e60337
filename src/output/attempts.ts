import { appendFile, mkdir, readdir } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import { type Attempt, AttemptLine } from "../model/attempt.ts";
import { attemptPath } from "./layout.ts";

/** Often enough to tell a task that lives from one that died, and too seldom to be felt on a shared disk. */
const BEAT_MS = 30_000;
/** A log of a week's beats has 3 MB. */
const MAX_LOG_BYTES = 16_000_000;

/** Counted up by whoever reads: the transport's traffic. */
type Wire = Readonly<{ requests: number; bytes: number }>;

interface Begun {
  readonly folder: string;
  readonly shard: number;
  readonly planHash: string;
  readonly wire?: Wire | undefined;
}

/**
 * The log of one try at one shard. It tells people how a run went and has no say in it: where it cannot be written, the
 * shard is made all the same.
 */
export class AttemptLog {
  readonly shard: number;
  private readonly file: string;
  private readonly wire: Wire | undefined;
  private readonly before: Wire;
  private readonly startedMs = Date.now();
  private readonly timer: NodeJS.Timeout;
  private series = 0;
  private hasEnded = false;

  private constructor(file: string, shard: number, wire: Wire | undefined) {
    this.shard = shard;
    this.file = file;
    this.wire = wire;
    this.before = { requests: 0, bytes: 0, ...wire };
    this.timer = setInterval(
      () => void this.append({ event: "beat", at: now(), series: this.series, ...this.sent() }),
      BEAT_MS,
    ).unref();
  }

  static async begin({ folder, shard, planHash, wire }: Begun): Promise<AttemptLog> {
    const host = (process.env["SLURMD_NODENAME"] || hostname()).replace(/[^\w.-]/g, "_");
    const log = new AttemptLog(attemptPath(folder, shard, host, process.pid), shard, wire);
    const { pid, env } = process;
    await mkdir(path.dirname(log.file), { recursive: true }).catch(() => {});
    const task = { job: jobOf(env), log: env["VOXSHARD_LOG"] || null };
    await log.append({ event: "start", version: 1, planHash, shard, host, pid, ...task, at: now() });
    return log;
  }

  /** Counts a series that is done. */
  readonly count = (): void => {
    this.series += 1;
  };

  /** The first end that an attempt is given counts. */
  done({ rows, rejects }: { readonly rows: number; readonly rejects: readonly unknown[] }): Promise<void> {
    return this.end({ exitCode: 0, kind: null, reason: null, rows, rejects: rejects.length });
  }

  failed(error: unknown): Promise<void> {
    const known = error instanceof EtlError ? error : undefined;
    const reason = error instanceof Error ? error.message : String(error);
    return this.end({
      exitCode: known?.exitCode ?? 70,
      kind: known?.fault.kind ?? null,
      reason,
      rows: 0,
      rejects: 0,
    });
  }

  private end(result: Pick<NonNullable<Attempt["end"]>, "exitCode" | "kind" | "reason" | "rows" | "rejects">) {
    if (this.hasEnded) return Promise.resolve();
    this.hasEnded = true;
    clearInterval(this.timer);
    const seconds = Math.max(0, (Date.now() - this.startedMs) / 1000);
    // Node tells it in KiB.
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return this.append({ event: "end", at: now(), seconds, ...result, ...this.sent(), peakBytes });
  }

  private sent() {
    if (!this.wire) return { requests: null, bytes: null };
    return { requests: this.wire.requests - this.before.requests, bytes: this.wire.bytes - this.before.bytes };
  }

  private append(line: AttemptLine): Promise<void> {
    return appendFile(this.file, `${JSON.stringify(line)}\n`).catch(() => {});
  }
}

const now = () => new Date().toISOString();

/** The task as people find it with their engine's own tools. */
function jobOf(env: NodeJS.ProcessEnv): string | null {
  const array = env["SLURM_ARRAY_JOB_ID"];
  if (array) return `${array}_${env["SLURM_ARRAY_TASK_ID"] ?? ""}`;
  return env["VOXSHARD_JOB"] || env["SLURM_JOB_ID"] || env["AWS_BATCH_JOB_ID"] || null;
}

/**
 * Every attempt at the folder's shards, in order of their starts; what is not a line of a log (a write that was cut off)
 * is passed over. A process that tries a shard again goes on in the same file.
 */
export async function readAttempts(folder: string): Promise<readonly Attempt[]> {
  const logs = path.dirname(attemptPath(folder, 0, "", 0));
  const attempts: Attempt[] = [];
  for (const name of await readdir(logs).catch((): string[] => []))
    if (name.endsWith(".jsonl"))
      attempts.push(...attemptsOf(await readPlainFile(path.join(logs, name), MAX_LOG_BYTES).catch(() => "")));
  return attempts.sort((a, b) => (a.start.at < b.start.at ? -1 : 1));
}

function attemptsOf(text: string): readonly Attempt[] {
  const attempts: Attempt[] = [];
  for (const line of text.split("\n")) {
    const found = AttemptLine.safeParse(parsed(line));
    if (!found.success) continue;
    const last = attempts.at(-1);
    if (found.data.event === "start") attempts.push({ start: found.data, beat: undefined, end: undefined });
    else if (last) attempts[attempts.length - 1] = { ...last, [found.data.event]: found.data };
  }
  return attempts;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
