import { z } from "zod";

const counts = z.record(z.string(), z.int().nonnegative());

/** What `audit --write-split` says of the lists that it wrote. */
export const Certificate = z.strictObject({
  rule: z.string(),
  tool: z.string(),
  seed: z.int().nonnegative(),
  /** The official list that was kept as it is. */
  keep: z.string().nullable(),
  /** Groups of series that belong together, and how many of them the official lists part. */
  clusters: z.int().nonnegative(),
  parted: z.int().nonnegative(),
  /** Series in another list than the official one, and in none. */
  moved: z.int().nonnegative(),
  dropped: z.int().nonnegative(),
  official: counts,
  proposed: counts,
  /** SHA-256 of the lists as JSON, without this certificate. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Certificate = z.infer<typeof Certificate>;
