import { foldersByCase } from "../catalogue/case-files.ts";
import { cachedDirectory, DirectoryCache } from "../catalogue/directories.ts";
import { contentOf, type Held } from "../catalogue/row-members.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import type { Updated } from "../model/updated.ts";
import type { Source } from "../source/source.ts";
import { heldIn, readMarks } from "./read-marks.ts";

/** How the series of a new plan compare with those that a folder was made of. */
export interface Comparison {
  readonly series: Updated["series"];
  /** Ids of series in both plans whose rows would be the same but for the revision that they name. */
  readonly same: ReadonlySet<string>;
  /** What the new plan's series that are in both are made from; undefined for others. */
  readonly marks: ReadonlyMap<string, string>;
  /** Both plans are of the same commit or fingerprint: what they both have is the same. */
  readonly isOneRevision: boolean;
  /** Series of which nothing tells any more what they were made from; they count as changed. */
  readonly unknown: number;
}

/** Holds a new plan's series against those of the plan that a folder has: by lists and places, and by their members' CRC-32. */
export async function whatChanged(
  folder: string,
  old: Plan,
  fresh: Plan,
  source: Source,
  signal?: AbortSignal,
): Promise<Comparison> {
  const isOneRevision = JSON.stringify(old.source) === JSON.stringify(fresh.source);
  const before = new Map(old.rows.map((row) => [row.id, row]));
  const made = isOneRevision ? new Map<string, string>() : await marksOf(folder, old);
  const held = heldIn(fresh, source, new DirectoryCache(source, signal));
  const [came, changed]: [string[], string[]] = [[], []];
  const [same, marks] = [new Set<string>(), new Map<string, string>()];
  let unknown = 0;
  for (const row of fresh.rows) {
    signal?.throwIfAborted();
    const { id } = row;
    const other = before.get(id);
    if (!other) came.push(id);
    if (!other) continue;
    const mark = await contentOf(row, held);
    marks.set(id, mark);
    if (!isOneRevision && !made.has(id)) unknown += 1;
    if (told(row, fresh) === told(other, old) && (isOneRevision || made.get(id) === mark)) same.add(id);
    else changed.push(id);
  }
  const there = new Set(fresh.rows.map(({ id }) => id));
  const went = old.rows.map(({ id }) => id).filter((id) => !there.has(id));
  return {
    series: { came: came.sort(), went: went.sort(), changed: changed.sort() },
    same,
    marks,
    isOneRevision,
    unknown,
  };
}

/** All that a plan says of a row which is in the row; where its bytes lie is not. */
function told(row: PlannedRow, { archives }: Plan): string {
  const { archive, storedBytes: _, extents: __, report: ___, casePath: ____, reportFrom: _____, ...rest } = row;
  return JSON.stringify({ ...rest, archive: archives[archive]!.path });
}

/** What the old plan's series were made from, as each shard's marks have it, or as the cache has their archives still. */
async function marksOf(folder: string, old: Plan): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const kept = new Map<number, Promise<Held | undefined>>();
  const cached = async (at: number) => {
    if (!kept.has(at)) kept.set(at, cachedAt(old, at));
    const held = await kept.get(at);
    if (!held) throw new NotCached();
    return held;
  };
  for (const [shard, { first, end }] of old.shards.entries()) {
    const rows = old.rows.slice(first, end);
    const marks = await readMarks(folder, shard);
    for (const [at, row] of rows.entries()) {
      const mark = marks?.length === rows.length ? marks[at] : await contentOf(row, cached).catch(unlessNotCached);
      if (mark !== undefined) found.set(row.id, mark);
    }
  }
  return found;
}

class NotCached extends Error {}

function unlessNotCached(error: unknown): undefined {
  if (!(error instanceof NotCached)) throw error;
}

async function cachedAt({ source, archives }: Plan, at: number): Promise<Held | undefined> {
  const { path } = archives[at]!;
  const directory =
    source.kind !== "local" ? await cachedDirectory(source.id, source.revision, archives[at]!) : undefined;
  return directory && { above: path, cases: foldersByCase(directory, path), files: undefined, stampOf: undefined };
}
