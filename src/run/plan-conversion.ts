import type { z } from "zod";
import { type IndexProgress, type IndexReport, indexSource } from "../catalogue/index-source.ts";
import { certificateOf, listsSha256 } from "../m3d-cap/certified-lists.ts";
import type { SplitFile } from "../m3d-cap/split-file.ts";
import { readSplitLists } from "../m3d-cap/split-lists.ts";
import { readVqaTable } from "../m3d-cap/vqa-table.ts";
import type { Plan } from "../model/plan.ts";
import { Output, Selection } from "../model/selection.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Source } from "../source/source.ts";

export interface PlanOptions {
  readonly selection?: z.input<typeof Selection>;
  readonly output?: z.input<typeof Output>;
  /** One's own lists instead of the source's split file: a JSON or CSV file. */
  readonly splitFile?: string | undefined;
  /** A table of M3D-VQA to join: a local file, or a path inside the source. */
  readonly vqa?: string | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: IndexProgress) => void;
}

/** Indexes the source and decides all that a conversion does; reads no pixels. */
export async function planConversion(
  source: Source,
  options: PlanOptions = {},
): Promise<{ readonly plan: Plan; readonly index: IndexReport }> {
  const { signal, onProgress } = options;
  const own = options.splitFile === undefined ? undefined : await readSplitLists(options.splitFile);
  const lists: SplitFile | undefined = own ?? source.splitFile;
  const certificate = own && certificateOf(own, options.splitFile!);
  const ownLists = own && listsSha256(own);
  const table = options.vqa === undefined ? undefined : await readVqaTable(options.vqa, source, signal);
  const index = await indexSource(source, { signal, onProgress });
  const selection = Selection.parse(options.selection ?? {});
  const output = Output.parse({ ...options.output, vqa: table !== undefined });
  const extras = { table, certificate, ownLists };
  return { plan: makePlan({ ...source, splitFile: lists }, index, selection, output, extras), index };
}
