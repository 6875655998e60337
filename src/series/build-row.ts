import { createHash } from "node:crypto";
import type { Arena } from "../kernels/arena.ts";
import { cleanReport, finishedReport } from "../m3d-cap/clean-report.ts";
import { reportSections } from "../m3d-cap/report-sections.ts";
import { planeAndPhase } from "../m3d-cap/series-name.ts";
import type { Row } from "../model/row.ts";
import { fromArray } from "./from-array.ts";
import { fromSlices } from "./from-slices.ts";
import type { Pictured, SeriesTask } from "./series-task.ts";

export interface BuiltRow extends Omit<Pictured, "cells"> {
  readonly row: Row;
  /** Of the volume as it was assembled, before any writer had it. */
  readonly volumeSha256: string | undefined;
}

/** Decodes a series, assembles its volume, cleans its report; clears the arena. Throws a fault that rejects the series. */
export async function buildRow(task: SeriesTask, arena: Arena): Promise<BuiltRow> {
  try {
    return await built(task, arena);
  } finally {
    arena.clear();
  }
}

async function built(task: SeriesTask, arena: Arena): Promise<BuiltRow> {
  const { row } = task;
  const report = task.report ? (row.array ? finishedReport : cleanReport)(task.report) : undefined;
  const { cells, ...rest } = await (row.array ? fromArray : fromSlices)(task, arena);
  return {
    ...rest,
    volumeSha256: cells.volume ? createHash("sha256").update(cells.volume).digest("hex") : undefined,
    row: {
      id: row.id,
      image: row.image,
      collection: row.collection,
      case_id: row.caseId,
      series: row.series,
      ...planeAndPhase(row.series),
      split: row.split,
      subsets: row.subsets,
      split_by_case: row.splitByCase ?? null,
      report: report?.report ?? null,
      report_source: report?.source ?? null,
      report_raw: report?.raw ?? null,
      report_sections: report?.raw ? reportSections(report.raw) : null,
      vqa: row.vqa ?? null,
      ...cells,
      source_file: task.sourceFile,
      source_revision: task.sourceRevision,
    },
  };
}
