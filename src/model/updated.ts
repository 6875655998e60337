import { z } from "zod";

const ids = z.array(z.string());
const count = z.int().nonnegative();

/** What a new revision of the source has brought to a folder. */
export const Updated = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** Series that are rows now and were none, that are rows no more, and whose slices, report or lists are others. */
  series: z.strictObject({ came: ids, went: ids, changed: ids }),
  /** Shards whose bytes stay, those that are made, and those of the old plan that are taken away. */
  shards: z.strictObject({ kept: count, made: count, gone: count }),
});
export type Updated = z.infer<typeof Updated>;
