import { z } from "zod";

const count = z.int().nonnegative();
/** ISO 8601, UTC, by the clock of the host that wrote it. */
const at = z.iso.datetime();
/** What went over the wire since the attempt's start; null where nobody counts. */
const wire = { requests: count.nullable(), bytes: count.nullable() };

/** An attempt's first line, written before anything is read: a task that is killed leaves it alone. */
export const AttemptStart = z.strictObject({
  event: z.literal("start"),
  version: z.literal(1),
  planHash: z.string(),
  shard: count,
  host: z.string(),
  pid: count,
  /** How the engine calls the task, and where it writes its log, where it tells. */
  job: z.string().nullable(),
  log: z.string().nullable(),
  at,
});

/** A sign of life, every half minute: `series` of the shard are done. */
export const AttemptBeat = z.strictObject({ event: z.literal("beat"), at, series: count, ...wire });

/** The last line, whatever the end was. */
export const AttemptEnd = z.strictObject({
  event: z.literal("end"),
  at,
  seconds: z.number().nonnegative(),
  exitCode: count,
  /** The fault's kind, and in words what was wrong; null after success. */
  kind: z.string().nullable(),
  reason: z.string().nullable(),
  rows: count,
  rejects: count,
  ...wire,
  /** The most memory that the whole process has had so far. */
  peakBytes: count,
});

/** A line of .voxshard/attempts/<shard>.<host>.<pid>.jsonl. It is no part of what a plan determines. */
export const AttemptLine = z.discriminatedUnion("event", [AttemptStart, AttemptBeat, AttemptEnd]);
export type AttemptLine = z.infer<typeof AttemptLine>;

/** One process' try at one shard, as its log tells it. */
export interface Attempt {
  readonly start: z.infer<typeof AttemptStart>;
  /** The last sign of life. */
  readonly beat: z.infer<typeof AttemptBeat> | undefined;
  /** Undefined while it runs, and for ever where it was killed. */
  readonly end: z.infer<typeof AttemptEnd> | undefined;
}
