import { z } from "zod";
import { Reject, shardPath } from "./plan.ts";

/** Why slices of a kept series are not in its volume; the counts are in the row. */
export const Dropped = z.strictObject({ id: z.string(), files: z.array(z.string()) });
export type Dropped = z.infer<typeof Dropped>;

/** What a finished shard is: written last, so where a receipt stands the shard is whole. Knows no time and no host. */
export const Receipt = z.strictObject({
  version: z.literal(1),
  shard: z.int().nonnegative(),
  of: z.int().positive(),
  planHash: z.string(),
  path: shardPath,
  byteLength: z.int().nonnegative(),
  sha256: z.string(),
  rows: z.int().nonnegative(),
  ids: z.array(z.string()),
  /** SHA-256 of each row's volume as it was assembled, in the order of `ids`; empty with `--volume none`. */
  volumes: z.array(z.string()),
  rejects: z.array(Reject),
  dropped: z.array(Dropped),
});
/** As it is written: `seal` is the SHA-256 of the JSON of all the rest, by which an edited receipt is known. */
export const SealedReceipt = Receipt.extend({ seal: z.string() });
export type Receipt = z.infer<typeof Receipt>;
