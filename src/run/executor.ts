import type { Reject } from "../model/plan.ts";
import type { BuiltRow, SeriesTask } from "./build-row.ts";

/** What became of a series: a row, or a reject with its reason. */
export type Outcome = { readonly ok: true; readonly built: BuiltRow } | { readonly ok: false; readonly reject: Reject };

/** Where series are decoded and assembled. The same task gives the same outcome wherever it runs. */
export interface Executor {
  /** How many series it works on at once. */
  readonly width: number;
  run(task: SeriesTask): Promise<Outcome>;
  close(): Promise<void>;
}
