import path from "node:path";
import { DirectoryCache } from "../catalogue/directories.ts";
import { EtlError } from "../errors.ts";
import type { Plan, PlannedRow, Reject } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import type { Selection } from "../model/selection.ts";
import { exists, planOf } from "../output/output-folder.ts";
import { allReceipts } from "../output/receipts.ts";
import { limited } from "../plan/make-plan.ts";
import { planHash } from "../plan/plan-hash.ts";
import { paddedShard } from "../plan/plan-shards.ts";
import { isSelected } from "../plan/select.ts";
import type { Executor } from "../series/executor.ts";
import { ShardOutcomes } from "../series/shard-outcomes.ts";
import { shardFormat } from "../shards/formats.ts";
import type { Source } from "../source/source.ts";
import type { ExportFormat } from "./export-format.ts";
import { claimTree, type Part, standingPart, writeLists, writePart, writeRejects } from "./write-tree.ts";

export interface ExportOptions {
  readonly folder: string;
  readonly format: ExportFormat;
  readonly signal?: AbortSignal | undefined;
  readonly onRow?: ((row: Row) => void) | undefined;
}
export interface Exported {
  readonly rows: number;
  /** Rows whose files were all there. */
  readonly kept: number;
  readonly withoutReport: number;
  readonly files: number;
  readonly bytes: number;
  readonly rejects: readonly Reject[];
}

/** The rows of a conversion's plan that a selection names. */
export function selectedRows(plan: Plan, selection: Selection): readonly PlannedRow[] {
  return limited(plan.rows.filter(isSelected(selection)), selection);
}

/** A tree of the rows in a conversion's folder. */
export async function exportShards(from: string, selection: Selection, options: ExportOptions): Promise<Exported> {
  const plan = await planOf(from);
  const receipts = await allReceipts(from, plan);
  const wanted = new Set(selectedRows(plan, selection).map(({ id }) => id));
  const units = receipts
    .filter(({ ids }) => ids.some((id) => wanted.has(id)))
    .map(
      ({ shard, path: name, sha256 }): Unit => ({
        shard,
        path: name,
        origin: sha256,
        rows: () => rowsOf(path.join(from, name)),
        rejects: [],
      }),
    );
  async function* rowsOf(file: string): AsyncGenerator<Row> {
    if (!(await exists(file)))
      throw new EtlError("source-not-found", `${file}: is not there any more; export from where it was published`);
    const shard = await shardFormat(plan.output.format, plan.output.engine).open(file);
    for await (const row of shard.rows(options.format.columns)) if (wanted.has(row.id)) yield row;
  }
  if (units.length === 0) throw new EtlError("usage", `${from}: holds no row of this selection; see its index.parquet`);
  // What the shards lack is said before a new folder is made.
  if (!(await exists(options.folder)))
    for await (const row of units[0]!.rows()) {
      options.format.made(row);
      break;
    }
  return exportUnits(units, claimOf(plan, selection, options), options, []);
}

/** A tree of a plan's rows, straight from the source: no shard is written. */
export async function exportSource(
  plan: Plan,
  source: Source,
  options: ExportOptions & { readonly executor: Executor; readonly connections?: number | undefined },
): Promise<Exported> {
  const { executor, connections, signal, folder } = options;
  const origin = planHash(plan);
  const tools = { plan, source, executor, connections, signal, directories: new DirectoryCache(source, signal) };
  const isWanted = async (shard: number) => !(await standingPart(folder, paddedShard(shard), origin));
  const outcomes = new ShardOutcomes(tools, isWanted);
  async function* rowsOf(shard: number, rejects: Reject[]): AsyncGenerator<Row> {
    for await (const outcome of outcomes.of(shard)) {
      if (outcome.ok) yield outcome.built.row;
      else rejects.push(outcome.reject);
    }
  }
  const units = plan.shards.map(({ path }, shard): Unit => {
    const rejects: Reject[] = [];
    return { shard, path, origin, rows: () => rowsOf(shard, rejects), rejects };
  });
  try {
    return await exportUnits(units, claimOf(plan, plan.selection, options), options, plan.rejects);
  } finally {
    await outcomes.close();
  }
}

interface Unit {
  readonly shard: number;
  /** The shard's file. */
  readonly path: string;
  readonly origin: string;
  readonly rows: () => AsyncIterable<Row>;
  /** Filled as its rows are read. */
  readonly rejects: readonly Reject[];
}

const claimOf = (plan: Plan, selection: Selection, { format }: ExportOptions) =>
  JSON.stringify({ version: 1, kind: format.name, plan: planHash(plan), selection });

async function exportUnits(
  units: readonly Unit[],
  claim: string,
  { folder, format, signal, onRow }: ExportOptions,
  planned: readonly Reject[],
): Promise<Exported> {
  await claimTree(folder, claim);
  const parts: Part[] = [];
  let kept = 0;
  for (const { shard, path: name, origin, rows, rejects } of units) {
    signal?.throwIfAborted();
    const there = await standingPart(folder, paddedShard(shard), origin);
    kept += there?.rows ?? 0;
    parts.push(
      there ??
        (await writePart(
          folder,
          paddedShard(shard),
          { origin, rows: untilStopped(rows(), signal), rejects, format, tarName: `${path.parse(name).name}.tar` },
          onRow,
        )),
    );
  }
  await writeLists(
    folder,
    units.map(({ shard }) => paddedShard(shard)),
  );
  const rejects = [...planned, ...parts.flatMap((part) => part.rejects)];
  await writeRejects(folder, rejects);
  const sum = (of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0);
  const files = new Map(parts.flatMap((part) => part.files.map((file) => [file.path, file.byteLength])));
  const bytes = [...files.values()].reduce((total, size) => total + size, 0);
  return {
    rows: sum((one) => one.rows),
    kept,
    withoutReport: sum((one) => one.withoutReport),
    files: files.size,
    bytes,
    rejects,
  };
}

async function* untilStopped(rows: AsyncIterable<Row>, signal: AbortSignal | undefined): AsyncGenerator<Row> {
  for await (const row of rows) {
    signal?.throwIfAborted();
    yield row;
  }
}
