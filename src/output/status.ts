import type { Attempt } from "../model/attempt.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { readAttempts } from "./attempts.ts";
import { standing } from "./receipts.ts";

/** An attempt at a shard that has no receipt yet. `sign` is its last line's time. */
export interface Try {
  readonly shard: number;
  readonly host: string;
  readonly job: string | null;
  readonly log: string | null;
  readonly start: string;
  readonly sign: string;
  /** Series done and bytes fetched so far, as its last line has them; null where nobody counted. */
  readonly series: number | null;
  readonly bytes: number | null;
  readonly exitCode: number | null;
  readonly kind: string | null;
  readonly reason: string | null;
  /** Attempts at this shard so far. */
  readonly tries: number;
}

/** How a folder stands, by its receipts and its attempts' logs alone. */
export interface Status {
  readonly shards: number;
  readonly done: number;
  readonly running: readonly Try[];
  /** The last attempt ended with a fault. */
  readonly failed: readonly Try[];
  /** The last attempt left no end, and no sign for long: it was killed, or its node is gone. */
  readonly lost: readonly Try[];
  /** Never tried. */
  readonly waiting: number;
  readonly rows: number;
  readonly rejects: number;
  /** Of the shards that are done. */
  readonly bytes: number;
  readonly attempts: number;
  /** Over the wire, by all attempts that counted. */
  readonly fetched: { readonly requests: number; readonly bytes: number };
  /** Of the last ten minutes; null where nothing ended in them. */
  readonly rate: { readonly shardsPerHour: number; readonly rowsPerSecond: number } | null;
  /** At this rate; null where nothing runs. */
  readonly secondsLeft: number | null;
}

const WINDOW_MS = 600_000;

/** Reads how a folder stands at `nowMs`; an attempt that has given no sign for `silenceMs` no longer runs. */
export async function statusOf(folder: string, plan: Plan, silenceMs: number, nowMs = Date.now()): Promise<Status> {
  // In this order: what is made in between has its receipt, however its log was read.
  const attempts = await readAttempts(folder);
  const { receipts, missing } = await standing(folder, plan);
  const tries = triesOf(missing, attempts);
  const isRunning = (one: Try) => one.exitCode === null && nowMs - Date.parse(one.sign) <= silenceMs;
  const running = tries.filter(isRunning);
  const failed = tries.filter((one) => one.exitCode !== null);
  const rate = rateOf(attempts, nowMs);
  const wire = attempts.map(({ end, beat }) => end ?? beat);
  return {
    shards: plan.shards.length,
    done: receipts.length,
    running,
    failed,
    lost: tries.filter((one) => one.exitCode === null && !isRunning(one)),
    waiting: missing.length - tries.length,
    ...made(receipts),
    attempts: attempts.length,
    fetched: {
      requests: sum(wire.map((line) => line?.requests ?? 0)),
      bytes: sum(wire.map((line) => line?.bytes ?? 0)),
    },
    rate,
    secondsLeft: rate && running.length > 0 ? Math.ceil((missing.length / rate.shardsPerHour) * 3600) : null,
  };
}

function made(receipts: readonly Receipt[]) {
  return {
    rows: sum(receipts.map(({ rows }) => rows)),
    rejects: sum(receipts.map(({ rejects }) => rejects.length)),
    bytes: sum(receipts.map(({ byteLength }) => byteLength)),
  };
}

/**
 * Of each missing shard that was tried, the attempt that gave the last sign. One that succeeded made what is missing now:
 * somebody took it away.
 */
function triesOf(missing: readonly number[], attempts: readonly Attempt[]): readonly Try[] {
  const byShard = new Map<number, Try[]>(missing.map((shard) => [shard, []]));
  for (const attempt of attempts) byShard.get(attempt.start.shard)?.push(tryOf(attempt));
  return [...byShard.values()].flatMap((all) => {
    const [last] = all.sort((a, b) => (a.sign < b.sign ? 1 : -1));
    return last && last.exitCode !== 0 ? [{ ...last, tries: all.length }] : [];
  });
}

function tryOf({ start, beat, end }: Attempt): Try {
  const { shard, host, job, log, at } = start;
  return {
    ...{ shard, host, job, log, start: at, sign: (end ?? beat ?? start).at },
    series: beat?.series ?? null,
    bytes: (end ?? beat)?.bytes ?? null,
    ...{ exitCode: end?.exitCode ?? null, kind: end?.kind ?? null, reason: end?.reason ?? null, tries: 1 },
  };
}

/** What has succeeded of late, by the time in which it did: since the first start of it, or the window's beginning. */
function rateOf(attempts: readonly Attempt[], nowMs: number): Status["rate"] {
  const sinceMs = nowMs - WINDOW_MS;
  const late = attempts.filter(({ end }) => end?.exitCode === 0 && Date.parse(end.at) >= sinceMs);
  if (late.length === 0) return null;
  const begun = Math.min(...late.map(({ start }) => Date.parse(start.at)));
  const seconds = Math.max(1, (nowMs - Math.max(begun, sinceMs)) / 1000);
  const shards = new Set(late.map(({ start }) => start.shard)).size;
  return {
    shardsPerHour: (shards / seconds) * 3600,
    rowsPerSecond: sum(late.map(({ end }) => end!.rows)) / seconds,
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
