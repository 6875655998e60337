import { createHash } from "node:crypto";
import { mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Folder } from "../archive/archive-format.ts";
import { membersOf } from "../archive/folders.ts";
import { foldersByCase } from "../catalogue/case-files.ts";
import { archiveFor, directoryOf } from "../catalogue/directories.ts";
import { writeFault } from "../files/whole-file.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import type { PartsHead, PlanPart } from "../model/plan-part.ts";
import { Selection } from "../model/selection.ts";
import { caseNameOf } from "../model/series.ts";
import { planHash } from "../plan/plan-hash.ts";
import type { FilePart, Source } from "../source/source.ts";
import { partPath, partsHeadPath, planPath } from "./layout.ts";
import { writeInto } from "./output-folder.ts";
import { readHead } from "./read-parts.ts";

/** Parts that are packed and written at once. */
const AT_ONCE = 4;
/** Checksums do not compress, and the rest compresses at once. */
const LEVEL = 1;

/**
 * Writes a claimed folder's plan in parts, with what they need of the archives' directories, so that a task reads its own
 * and asks the source for nothing else. They say nothing that plan.json and the source do not, and a task that finds them
 * damaged goes by those: so they are not synced.
 */
export async function writeParts(folder: string, plan: Plan, source: Source, signal?: AbortSignal): Promise<void> {
  if ((await readHead(folder))?.planHash === planHash(plan)) return;
  const kept = await directoriesOf(plan, source, signal);
  try {
    await mkdir(path.dirname(partsHeadPath(folder)), { recursive: true });
    const written = mapBounded(plan.shards.keys(), { limit: AT_ONCE }, async (shard) => {
      signal?.throwIfAborted();
      const packed = await promisify(gzip)(JSON.stringify(partOf(shard, plan, kept)), { level: LEVEL });
      await writeFile(partPath(folder, shard), packed);
      return createHash("sha256").update(packed).digest("hex");
    });
    const parts: string[] = [];
    for await (const sha256 of written) parts.push(sha256);
    const head: PartsHead = {
      version: 1,
      planHash: planHash(plan),
      planBytes: (await stat(planPath(folder))).size,
      // What a selection names may be as long as the data set, and is decided.
      plan: { ...plan, selection: Selection.parse({}), rows: [], rejects: [], unread: [] },
      parts,
    };
    await writeInto(folder, partsHeadPath(folder), JSON.stringify(head));
  } catch (error) {
    throw writeFault(error, path.dirname(partsHeadPath(folder)));
  }
}

/** Of one archive: its files, and the folders that rows of the plan are read from. */
interface Kept {
  readonly files: readonly FilePart[];
  /** Loose files by where they begin among all. */
  readonly starts: ReadonlyMap<number, readonly FilePart[]> | undefined;
  readonly byCase: ReadonlyMap<string, readonly Folder[]>;
  readonly byPath: ReadonlyMap<string, readonly Folder[]>;
}

/** Archive after archive, and of each only what is needed; undefined where the source must be opened anyway. */
async function directoriesOf(
  plan: Plan,
  source: Source,
  signal: AbortSignal | undefined,
): Promise<readonly Kept[] | undefined> {
  if (source.kind !== "hub") return undefined;
  const wanted = plan.archives.map(() => ({ cases: new Set<string>(), paths: new Set<string>() }));
  for (const row of plan.rows) {
    wanted[row.archive]!.cases.add(caseNameOf(row));
    if (row.reportFrom) wanted[row.reportFrom.archive]!.paths.add(folderOf(row.reportFrom.path));
  }
  const kept: Kept[] = [];
  for (const [at, planned] of plan.archives.entries()) {
    const archive = archiveFor(source, planned);
    if (!archive.files || archive.above !== archive.path) return undefined;
    const { directory } = await directoryOf(source, archive, signal);
    const cases = foldersByCase(directory, archive.above);
    const byPath = new Map<string, Folder[]>();
    for (const one of [...cases.values()].flat())
      if (wanted[at]!.paths.has(one.path) && !byPath.get(one.path)?.push(one)) byPath.set(one.path, [one]);
    kept.push({
      files: archive.files,
      starts: planned.format === "loose" ? startsOf(archive.files) : undefined,
      byCase: new Map([...wanted[at]!.cases].map((name) => [name, cases.get(name) ?? []])),
      byPath,
    });
  }
  return kept;
}

const folderOf = (member: string) => member.slice(0, member.lastIndexOf("/") + 1);

function startsOf(files: readonly FilePart[]): Kept["starts"] {
  const starts = new Map<number, FilePart[]>();
  let start = 0;
  for (const file of files) {
    if (!starts.get(start)?.push(file)) starts.set(start, [file]);
    start += file.byteLength;
  }
  return starts;
}

function partOf(shard: number, plan: Plan, kept: readonly Kept[] | undefined): PlanPart {
  const { first, end } = plan.shards[shard]!;
  const rows = plan.rows.slice(first, end);
  if (!kept) return { rows, archives: [] };
  const used = new Map<number, Set<Folder>>();
  const add = (archive: number, folders: readonly Folder[]) => {
    const own = used.get(archive) ?? new Set();
    for (const folder of folders) own.add(folder);
    used.set(archive, own);
  };
  for (const row of rows) for (const [archive, folders] of foldersOf(row, kept)) add(archive, folders);
  const archives = [...used].map(([archive, folders]) => {
    const { files, starts } = kept[archive]!;
    const own = starts ? stretches([...folders], starts, plan.archives[archive]!.byteLength) : files.map(bare);
    return { archive, files: own, folders: [...folders].map(packed) };
  });
  return { rows, archives };
}

function foldersOf(row: PlannedRow, kept: readonly Kept[]): readonly (readonly [number, readonly Folder[]])[] {
  const own = [row.archive, kept[row.archive]!.byCase.get(caseNameOf(row)) ?? []] as const;
  if (!row.reportFrom) return [own];
  const { archive, path: member } = row.reportFrom;
  return [own, [archive, kept[archive]!.byPath.get(folderOf(member)) ?? []]];
}

/** The loose files that the folders' members are, and the holes between them. */
function stretches(folders: readonly Folder[], starts: NonNullable<Kept["starts"]>, byteLength: number) {
  const own = new Set(folders.flatMap((folder) => membersOf(folder).map(({ start }) => start)));
  const out: PlanPart["archives"][number]["files"] = [];
  let at = 0;
  for (const start of [...own].sort((a, b) => a - b)) {
    if (start > at) out.push(start - at);
    at = start;
    for (const file of starts.get(start) ?? []) {
      out.push(bare(file));
      at += file.byteLength;
    }
  }
  if (byteLength > at) out.push(byteLength - at);
  return out;
}

const bare = ({ path, byteLength, contentId }: FilePart): FilePart => ({ path, byteLength, contentId });

function packed({ extension, names, numbers, ...folder }: Folder) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return { ...folder, ...(extension !== undefined && { extension }), names: text(names), numbers: text(numbers) };
}
