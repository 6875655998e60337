import { DirectoryCache } from "../catalogue/directories.ts";
import { type IndexProgress, indexSource } from "../catalogue/index-source.ts";
import { EtlError } from "../errors.ts";
import { planeAndPhase } from "../m3d-cap/series-name.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { Output, Selection } from "../model/selection.ts";
import { makePlan } from "../plan/make-plan.ts";
import { planShards } from "../plan/plan-shards.ts";
import type { Executor } from "../series/executor.ts";
import { inline } from "../series/inline.ts";
import { shardOutcomes } from "../series/shard-outcomes.ts";
import { loadSharp } from "../slices/load-sharp.ts";
import type { Source } from "../source/source.ts";
import type { ArchiveRows, ReadSeries, Viewed } from "./viewed.ts";

/** Slices as they are encoded: the browser decodes them, and the server keeps no pictures. */
const output = Output.parse({ volume: "none", slices: true, preview: false });

/** A finished array has no slices but its planes. */
const arrays = Output.parse({ dtype: "uint8", preview: false });

/** A source's archives as a list of series, each read by Range when it is opened. Closing it closes the source. */
export async function openArchives(
  source: Source,
  options: { signal?: AbortSignal | undefined; onProgress?: (progress: IndexProgress) => void } = {},
): Promise<Viewed> {
  const index = await indexSource(source, options);
  const plan = makePlan(source, index, Selection.parse({ unlisted: true }), output);
  if (plan.rows.length === 0) throw new EtlError("source-not-found", nothingIn(source, index.unreadable));
  const executor = inline();
  return {
    info: {
      title: source.name,
      revision: source.revision,
      kind: "archives",
      base: "files/",
      files: {},
      notes: notesOf(plan, index.unreadable),
    },
    file: () => undefined,
    archives: rowsOf(plan, source, executor),
    close: async () => {
      await executor.close();
      await source.close();
    },
  };
}

interface Unreadable {
  readonly path: string;
  readonly detail: string;
}

function nothingIn({ name, archives: { length } }: Source, unreadable: readonly Unreadable[]): string {
  const why = unreadable.slice(0, 3).map(({ detail }) => detail);
  return `${name}: no series found in ${length} archive${length === 1 ? "" : "s"}${why.length > 0 ? `: ${why.join("; ")}` : ""}`;
}

function notesOf(plan: Plan, unreadable: readonly Unreadable[]): string[] {
  const rejected = plan.rejects.length;
  return [
    ...(rejected > 0 ? [`${rejected} listed series cannot be read: voxshard plan tells which, and why.`] : []),
    ...unreadable.map(({ path, detail }) => `Cannot be read: ${detail.includes(path) ? "" : `${path}: `}${detail}`),
    "Reports and previews lie inside the archives: search finds names alone until a series is opened.",
  ];
}

function rowsOf(plan: Plan, source: Source, executor: Executor): ArchiveRows {
  const byId = new Map(plan.rows.map((row) => [row.id, row]));
  return {
    list: () => columnsOf(plan),
    async series(id, signal) {
      const row = byId.get(id);
      if (!row) return undefined;
      const shards = [...planShards([row], output)];
      return readOne({ ...plan, rows: [row], shards, output: row.array ? arrays : output }, source, executor, signal);
    },
  };
}

function columnsOf({ rows, archives }: Plan): Record<string, unknown[]> {
  const column = (cell: (row: PlannedRow) => unknown) => rows.map(cell);
  return {
    id: column(({ id }) => id),
    image: column(({ image }) => image),
    collection: column(({ collection }) => collection),
    case_id: column(({ caseId }) => caseId),
    series: column(({ series }) => series),
    plane: column(({ series }) => planeAndPhase(series).plane),
    phase: column(({ series }) => planeAndPhase(series).phase),
    split: column(({ split }) => split),
    subsets: column(({ subsets }) => subsets),
    slice_count: column(({ slices }) => slices),
    source_file: column(({ archive }) => archives[archive]!.path),
    stored_bytes: column(({ storedBytes }) => storedBytes),
  };
}

/** The plan has this row alone. A report that no shard would have is no reason not to show its pictures. */
async function readOne(plan: Plan, source: Source, executor: Executor, signal: AbortSignal): Promise<ReadSeries> {
  const directories = new DirectoryCache(source, signal);
  for await (const outcome of shardOutcomes(0, { plan, source, directories, executor, signal })) {
    if (!outcome.ok && outcome.reject.reason === "report-not-utf8") {
      const { reportFrom: _, ...silent } = { ...plan.rows[0]!, report: [] };
      const { row, slices } = await readOne({ ...plan, rows: [silent] }, source, executor, signal);
      return { row: { ...row, report_fault: outcome.reject.detail }, slices };
    }
    if (!outcome.ok) throw new EtlError("bad-member", outcome.reject.detail);
    const { slices, volume, preview: _, ...row } = outcome.built.row;
    if (volume) return planesOf(row, volume);
    return { row, slices: (slices ?? []).flatMap(({ bytes }) => bytes ?? []) };
  }
  throw new EtlError("missing-series", `${plan.rows[0]!.id}: nothing was read`);
}

/** The planes of an array as pictures. */
async function planesOf(row: Omit<Row, "slices" | "volume" | "preview">, volume: Uint8Array): Promise<ReadSeries> {
  const sharp = await loadSharp();
  const [count = 0, height = 0, width = 0] = row.volume_shape!.slice(-3);
  const plane = (z: number) => volume.subarray(z * height * width, (z + 1) * height * width);
  const raw = { width, height, channels: 1 as const };
  const encoded = (z: number) => sharp(plane(z), { raw }).toColourspace("b-w").png().toBuffer();
  const slices = await Promise.all(Array.from({ length: count }, (_, z) => encoded(z)));
  return { row: { ...row, slice_count: count, slice_height: height, slice_width: width }, slices };
}
