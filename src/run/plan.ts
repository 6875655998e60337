import { createHash } from "node:crypto";
import { EtlError, isFault } from "../errors.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import type { Output, Selection } from "../model/selection.ts";
import { type Listed, listedSeries, splits } from "../model/split-file.ts";
import { type CatalogueEntry, catalogueOf, markCollisions } from "./catalogue.ts";
import { directoryOf } from "./directories.ts";
import { countFetch } from "./fetch-groups.ts";
import { drawn, ordered, planShards, rowBytes } from "./plan-shards.ts";
import { type Chosen, select } from "./select.ts";
import type { Shelf, Source } from "./source.ts";
import { toolName } from "./version.ts";
import type { VqaTable } from "./vqa-table.ts";

export interface IndexReport {
  readonly entries: readonly CatalogueEntry[];
  /** Archives whose directory cannot be read, and why. */
  readonly unreadable: readonly { readonly path: string; readonly detail: string }[];
  readonly members: number;
  readonly unplaced: number;
  /** Archives whose directory had to be read from the source. */
  readonly read: number;
}

export interface IndexProgress {
  readonly done: number;
  readonly total: number;
  readonly path: string;
}

/** Reads (or takes from the cache) every archive's directory, archive by archive, and keeps what planning needs. */
export async function indexSource(
  source: Source,
  options: { signal?: AbortSignal | undefined; onProgress?: ((progress: IndexProgress) => void) | undefined } = {},
): Promise<IndexReport> {
  const entries: CatalogueEntry[] = [];
  const unreadable: { path: string; detail: string }[] = [];
  let [members, unplaced, read, done] = [0, 0, 0, 0];
  for (const [archive, shelf] of source.shelves.entries()) {
    options.onProgress?.({ done: done++, total: source.shelves.length, path: shelf.path });
    try {
      const { directory, cached } = await directoryOf(source, shelf, options.signal);
      const found = catalogueOf(directory, shelf.path, archive);
      for (const entry of found.entries) entries.push(entry);
      members += found.members;
      unplaced += found.unplaced;
      read += cached ? 0 : 1;
    } catch (error) {
      if (!isFault(error, "bad-archive")) throw error;
      unreadable.push({ path: shelf.path, detail: error.message });
    }
  }
  if (entries.length === 0 && unreadable.length > 0) throw new EtlError("bad-archive", unreadable[0]!.detail);
  return { entries: markCollisions(entries), unreadable, members, unplaced, read };
}

/** Split file × index → all rows, rejects, shards and reads. Pure: the same arguments give the same plan. */
export function makePlan(
  source: Pick<Source, "name" | "revision" | "shelves" | "splitFile" | "byteLength">,
  index: Pick<IndexReport, "entries" | "unreadable">,
  selection: Selection,
  output: Output,
  table?: VqaTable,
): Plan {
  if (!source.splitFile && !selection.unlisted)
    throw new EtlError(
      "bad-split-file",
      `${source.name}: has no split file (M3D_Cap.json); add --unlisted to take every series`,
    );
  const { listed, duplicates } = listedSeries(source.splitFile ?? {});
  const unreadable = index.unreadable.map((archive) => archive.path);
  const { chosen, rejects } = select(listed, duplicates, index.entries, selection, unreadable);
  const used = [...new Set(chosen.map(({ entry }) => entry.archive))].sort((a, b) => a - b);
  const byCase = output.splitByCase ? splitByCase(listed) : undefined;
  const all = chosen.map((one) => withJoined(toRow(one, used), byCase, table));
  const archives = used.map((at) => archiveOf(source.shelves[at]!));
  const rows = ordered(limited(all, selection), output, archives);
  const shards = planShards(rows, output);
  return {
    version: 1,
    tool: toolName,
    source: source.name,
    revision: source.revision,
    selection,
    output,
    archives,
    rows,
    rejects: [...rejects],
    shards: [...shards],
    fetch: countFetch(rows, shards, archives),
    sourceBytes: source.byteLength,
    outputBytes: rows.reduce((sum, row) => sum + rowBytes(row, output), 0),
    ...(table && { joined: joinedOf(table, rows) }),
  };
}

/** Every series of a case in one split, where the lists disagree test before validation before train. */
function splitByCase(listed: readonly Listed[]): ReadonlyMap<string, string> {
  const found = new Map<string, (typeof splits)[number]>();
  for (const { key, split } of listed) {
    if (!key) continue;
    const name = `${key.collection}/${key.caseId}`;
    const before = found.get(name);
    if (!before || splits.indexOf(split) < splits.indexOf(before)) found.set(name, split);
  }
  return found;
}

function withJoined(
  row: PlannedRow,
  byCase: ReadonlyMap<string, string> | undefined,
  table: VqaTable | undefined,
): PlannedRow {
  const questions = row.image === null ? undefined : table?.byImage.get(row.image);
  return {
    ...row,
    ...(byCase && { splitByCase: byCase.get(`${row.collection}/${row.caseId}`) ?? null }),
    ...(questions && { vqa: [...questions] }),
  };
}

function joinedOf({ sha256, questions }: VqaTable, rows: readonly PlannedRow[]) {
  return { sha256, questions, matched: rows.reduce((sum, { vqa }) => sum + (vqa?.length ?? 0), 0) };
}

const archiveOf = ({ path, format, byteLength, contentId }: Shelf) => ({
  path,
  format: format.name,
  byteLength,
  contentId,
});

function toRow({ entry, image, split, subsets }: Chosen, used: readonly number[]): PlannedRow {
  const { id, collection, caseId, series, slices, storedBytes } = entry;
  const pairs = (ranges: CatalogueEntry["extents"]) => ranges.map(({ start, end }): [number, number] => [start, end]);
  return {
    id,
    image,
    collection,
    caseId,
    series,
    split,
    subsets: [...subsets],
    archive: used.indexOf(entry.archive),
    slices,
    storedBytes,
    extents: pairs(entry.extents),
    report: pairs(entry.report),
  };
}

/** The first `limit` rows of each split by id, or the first `sample` as the seed draws them. */
function limited(rows: readonly PlannedRow[], { limit, sample, seed }: Selection): readonly PlannedRow[] {
  const most = sample ?? limit;
  if (most === null) return rows;
  const places = new Map(rows.map((row) => [row, sample === null ? 0 : drawn(seed, row.id)]));
  return [...new Set(rows.map((row) => row.split))].flatMap((split) =>
    rows
      .filter((row) => row.split === split)
      .sort((a, b) => places.get(a)! - places.get(b)! || (a.id < b.id ? -1 : 1))
      .slice(0, most),
  );
}

/** The plan's identity: SHA-256 of its JSON. */
export function planHash(plan: Plan): string {
  return createHash("sha256").update(JSON.stringify(plan)).digest("hex");
}

/** What `plan --json` prints. */
export function planSummary(plan: Plan) {
  const rows: Record<string, number> = {};
  for (const { split, subsets } of plan.rows) {
    for (const name of [split ?? "unlisted", ...subsets]) rows[name] = (rows[name] ?? 0) + 1;
  }
  const rejected: Record<string, number> = {};
  for (const { reason } of plan.rejects) rejected[reason] = (rejected[reason] ?? 0) + 1;
  const { source, revision, fetch, sourceBytes, outputBytes } = plan;
  const summary = { source, revision, rows, rejected, shards: plan.shards.length, fetch, sourceBytes, outputBytes };
  return { ...summary, ...(plan.joined && { vqa: vqaCounts(plan, plan.joined) }) };
}

/** Rows with and without a question, and questions with and without a row. */
function vqaCounts({ rows }: Plan, { questions, matched }: NonNullable<Plan["joined"]>) {
  const asked = rows.filter((row) => row.vqa).length;
  return {
    rows: { matched: asked, unmatched: rows.length - asked },
    questions: { matched, unmatched: questions - matched },
  };
}
