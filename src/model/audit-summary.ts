import { z } from "zod";

const count = z.int().nonnegative();

/** What an audit of a conversion's shards found, for its card. */
export const AuditSummary = z.strictObject({
  tool: z.string(),
  /** SHA-256 of the shards' own: it is of these and no others. */
  shards: z.string(),
  series: count,
  /** The kinds that were found. */
  found: z.array(z.strictObject({ kind: z.string(), isLeak: z.boolean(), meaning: z.string(), count, grave: count })),
});
export type AuditSummary = z.infer<typeof AuditSummary>;
