import { createHash } from "node:crypto";
import type { Arena } from "../kernels/arena.ts";
import { cleanReport } from "../m3d-cap/clean-report.ts";
import { reportSections } from "../m3d-cap/report-sections.ts";
import { planeAndPhase } from "../m3d-cap/series-name.ts";
import { compareSlices } from "../m3d-cap/slice-number.ts";
import type { PlannedRow } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import type { Output } from "../model/selection.ts";
import { decodeSlices } from "../slices/decode-slices.ts";
import { encodePreview } from "../slices/encode-preview.ts";
import { checkStack } from "../slices/stack-limit.ts";
import { convertVoxels } from "../volume/dtype.ts";
import { intensityRange } from "../volume/geometry.ts";
import { m3dVolume } from "../volume/m3d.ts";
import { montage } from "../volume/preview.ts";
import { keepCommonShape, pixelsSha256, type Stack } from "../volume/stack.ts";

/** One series with its bytes, as a worker receives it. Slices come in the archive's order. */
export interface SeriesTask {
  readonly row: PlannedRow;
  readonly slices: readonly { readonly file: string; readonly bytes: Uint8Array }[];
  readonly report: Uint8Array | null;
  readonly sourceFile: string;
  readonly sourceRevision: string;
  readonly output: Output;
  /** Used again for the volume where it has the very length. */
  readonly memory?: ArrayBuffer | undefined;
}

export interface BuiltRow {
  readonly row: Row;
  /** Names of the slices that are not in the volume. */
  readonly dropped: readonly string[];
  /** Of the volume as it was assembled, before any writer had it. */
  readonly volumeSha256: string | undefined;
  /** How many slices the quick decoders left to the slow ones, which take several times as long. */
  readonly slowSlices: number;
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
  const { row, output } = task;
  const ordered = [...task.slices].sort((a, b) => compareSlices(a.file, b.file));
  const report = task.report ? cleanReport(task.report) : undefined;
  const encoded = ordered.map(({ bytes }) => bytes);
  await checkStack(encoded);
  const { slices, slow } = await decodeSlices(encoded, arena);
  const { stack, kept } = keepCommonShape(slices);
  const m3d = output.volume === "m3d" ? m3dVolume(stack, output.size, arena, task.memory) : undefined;
  const range = m3d?.range ?? intensityRange(stack, arena);
  const isKept = new Set(kept);
  const cells = volumeCells(stack, m3d, output);
  const [height, width, count] = [stack.height, stack.width, stack.count];
  return {
    dropped: ordered.filter((_, at) => !isKept.has(at)).map(({ file }) => file),
    slowSlices: slow,
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
      report_sections: report ? reportSections(report.raw) : null,
      vqa: row.vqa ?? null,
      ...cells,
      slices: output.slices ? kept.map((at) => ({ bytes: ordered[at]!.bytes, path: ordered[at]!.file })) : null,
      preview: output.preview ? { bytes: await encodePreview(montage(stack, arena)), path: "preview.jpeg" } : null,
      slice_count: count,
      slice_height: height,
      slice_width: width,
      slices_dropped: ordered.length - count,
      crop_box: m3d ? [...m3d.box] : null,
      intensity_range: [...range],
      pixels_sha256: pixelsSha256(stack),
      source_file: task.sourceFile,
      source_revision: task.sourceRevision,
    },
  };
}

function volumeCells(stack: Stack, m3d: ReturnType<typeof m3dVolume> | undefined, output: Output) {
  if (m3d) {
    const volume = convertVoxels(m3d.voxels, output.dtype);
    return { volume, volume_shape: [1, ...output.size], volume_dtype: output.dtype };
  }
  if (output.volume === "none") return { volume: null, volume_shape: null, volume_dtype: null };
  const { count, height, width } = stack;
  const volume = new Uint8Array(count * height * width);
  for (let z = 0; z < count; z++) volume.set(stack.slice(z), z * height * width);
  return { volume, volume_shape: [count, height, width], volume_dtype: "uint8" as const };
}
