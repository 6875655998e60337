import { type EtlError, isFault } from "../errors.ts";
import type { Written } from "../files/written-file.ts";
import type { PlannedRow, Reject } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import type { Output } from "../model/selection.ts";
import type { BuiltRow } from "./build-row.ts";
import type { SeriesTask } from "./series-task.ts";

/** What became of a series: a row, or a reject with its reason. */
export type Outcome = { readonly ok: true; readonly built: BuiltRow } | { readonly ok: false; readonly reject: Reject };

/** Where the heavy work is done. The same task gives the same outcome, the same rows the same bytes, wherever it runs. */
export interface Executor {
  /** How many series it works on at once. */
  readonly width: number;
  /**
   * Decodes and assembles a series. Its slices may lie in memory that threads share, which is used for something else once
   * the promise is settled; its `memory`, where it has any, is the executor's own from then on.
   */
  run(task: SeriesTask): Promise<Outcome>;
  /** Writes `path` (which must not exist) as the plan's output says. The rows' bytes may be gone afterwards. */
  write(path: string, rows: AsyncIterable<Row>, output: Output): Promise<Written>;
  close(): Promise<void>;
}

/** A fault as the reason of a reject; anything that is not for rejecting is thrown on. */
export function rejectionOf(error: unknown, { id, image, split }: PlannedRow): Reject {
  if (!isFault(error) || error.remedy !== "reject") throw error;
  return { id, image, split, reason: error.fault.kind, detail: (error as EtlError).message };
}
