import type { CatalogueEntry } from "../catalogue/catalogue.ts";
import type { IndexReport } from "../catalogue/index-source.ts";
import { EtlError } from "../errors.ts";
import { type Listed, listedSeries } from "../m3d-cap/split-file.ts";
import type { VqaTable } from "../m3d-cap/vqa-table.ts";
import type { Certificate } from "../model/certificate.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import type { Output, Selection } from "../model/selection.ts";
import { caseNameOf } from "../model/series.ts";
import { splits } from "../model/split.ts";
import type { Unread } from "../model/unread.ts";
import type { Archive, Source } from "../source/source.ts";
import { checkSelection } from "./check-selection.ts";
import { countFetch } from "./fetch-groups.ts";
import { ordered, plannedRowBytes, planShards, seededHash } from "./plan-shards.ts";
import { type Chosen, select, withSlices } from "./select.ts";
import { toolName } from "./tool-version.ts";

/** What a plan may be made with besides. */
export interface Extras {
  /** M3D-VQA's questions. */
  readonly table?: VqaTable | undefined;
  /** Of the lists, where they have one. */
  readonly certificate?: Certificate | undefined;
  /** SHA-256 of lists that are not the source's. */
  readonly ownLists?: string | undefined;
}

/** Split file × index → all rows, rejects, shards and reads. Pure: the same arguments give the same plan. */
export function makePlan(
  source: Pick<Source, "name" | "kind" | "revision" | "archives" | "files" | "splitFile" | "byteLength">,
  index: Pick<IndexReport, "entries" | "unreadable" | "unread">,
  selection: Selection,
  output: Output,
  { table, certificate, ownLists }: Extras = {},
): Plan {
  if (index.entries.length === 0 && index.unreadable.length === 0) throw noSeries(source, index.unread);
  if (!source.splitFile && !selection.unlisted)
    throw new EtlError(
      "bad-split-file",
      `${source.name}: has no split file (M3D_Cap.json); add --unlisted to take every series`,
    );
  const { listed, duplicates } = listedSeries(source.splitFile ?? {});
  checkSelection(selection, listed, index.entries);
  const selected = select(listed, duplicates, index, selection);
  const { chosen, rejects } = output.volume === "native" ? withSlices(selected) : selected;
  const archivesOf = ({ entry: { archive, reportFrom } }: Chosen) => [archive, reportFrom?.archive ?? archive];
  const used = [...new Set(chosen.flatMap(archivesOf))].sort((a, b) => a - b);
  const byCase = output.splitByCase ? splitByCase(listed) : undefined;
  const places = new Map(used.map((archive, at) => [archive, at]));
  const all = chosen.map((one) => withJoined(toRow(one, places), byCase, table));
  const archives = used.map((at) => archiveOf(source.archives[at]!));
  const rows = ordered(limited(all, selection), output, archives);
  const shards = planShards(rows, output);
  return {
    version: 1,
    tool: toolName(),
    source: { kind: source.kind, id: source.name, revision: source.revision },
    selection,
    output,
    archives,
    rows,
    rejects: [...rejects],
    unread: [...index.unread],
    shards: [...shards],
    fetch: countFetch(rows, shards, archives),
    sourceBytes: source.byteLength,
    outputBytes: rows.reduce((sum, row) => sum + plannedRowBytes(row, output), 0),
    ...(table && { joined: joinedOf(table, rows) }),
    ...(certificate ? { certificate } : ownLists !== undefined && { ownLists }),
  };
}

/** One of each kind of file. */
const nouns = { archives: "archive", loose: "loose", tables: "table", cards: "card", junk: "junk", unread: "unread" };

/** Of a source that has nothing to convert: what was seen, and what is read. */
export function noSeries({ name, files }: Pick<Source, "name" | "files">, unread: readonly Unread[]): EtlError {
  const seen = Object.entries(files).flatMap(([kind, count]) =>
    count > 0 ? [`${count} ${count === 1 ? nouns[kind as keyof typeof nouns] : kind}`] : [],
  );
  const shards = files.tables > 0 && files.archives === 0 ? "; if its tables are shards, view shows them" : "";
  const few = unread.slice(0, 3).map(({ path, detail }) => `; ${path || "loose files"}: ${detail}`);
  return new EtlError(
    "source-not-found",
    `${name}: no series found in ${seen.join(", ") || "no files"}${shards}${few.join("")}. Read are ZIP, tar and tar.gz archives (whole or in pieces) and folders with <collection>/<case>/<series>/<number>.jpeg or .png, or the authors' <collection>/<case>/<series>.npy, the collection being ct_case or ct_quizze (without one: --unlisted)`,
  );
}

/** Every series of a case in one split, where the lists disagree test before validation before train. */
function splitByCase(listed: readonly Listed[]): ReadonlyMap<string, string> {
  const found = new Map<string, (typeof splits)[number]>();
  for (const { key, split } of listed) {
    if (!key) continue;
    const before = found.get(key.caseName);
    if (!before || splits.indexOf(split) < splits.indexOf(before)) found.set(key.caseName, split);
  }
  return found;
}

function withJoined(
  row: PlannedRow,
  byCase: ReadonlyMap<string, string> | undefined,
  table: VqaTable | undefined,
): PlannedRow {
  if (!byCase && !table) return row;
  const questions = row.image === null ? undefined : table?.byImage.get(row.image);
  return {
    ...row,
    ...(byCase && { splitByCase: byCase.get(caseNameOf(row)) ?? null }),
    ...(questions && { vqa: [...questions] }),
  };
}

function joinedOf({ sha256, questions }: VqaTable, rows: readonly PlannedRow[]) {
  return { sha256, questions, matched: rows.reduce((sum, { vqa }) => sum + (vqa?.length ?? 0), 0) };
}

const archiveOf = ({ path, format, byteLength, contentId }: Archive) => ({
  path,
  format: format.name,
  byteLength,
  contentId,
});

function toRow({ entry, image, split, subsets }: Chosen, places: ReadonlyMap<number, number>): PlannedRow {
  const { id, collection, caseId, series, slices, storedBytes, reportFrom } = entry;
  const pairs = (ranges: CatalogueEntry["extents"]) => ranges.map(({ start, end }): [number, number] => [start, end]);
  return {
    id,
    image,
    collection,
    caseId,
    series,
    split,
    subsets: [...subsets],
    archive: places.get(entry.archive)!,
    slices,
    ...(entry.isArray && { array: true }),
    storedBytes,
    extents: pairs(entry.extents),
    report: pairs(entry.report),
    ...(entry.isApart && { casePath: entry.casePath }),
    ...(reportFrom && { reportFrom: { ...reportFrom, archive: places.get(reportFrom.archive)! } }),
  };
}

/** The first `limit` rows of each split by id, or the first `sample` as the seed draws them. */
export function limited(rows: readonly PlannedRow[], { limit, sample, seed }: Selection): readonly PlannedRow[] {
  const most = sample ?? limit;
  if (most === null) return rows;
  const places = new Map(rows.map((row) => [row, sample === null ? 0 : seededHash(seed, row.id)]));
  return [...new Set(rows.map((row) => row.split))].flatMap((split) =>
    rows
      .filter((row) => row.split === split)
      .sort((a, b) => places.get(a)! - places.get(b)! || (a.id < b.id ? -1 : 1))
      .slice(0, most),
  );
}
