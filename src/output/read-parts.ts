import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Folder } from "../archive/archive-format.ts";
import { readPlainFile } from "../files/read-file.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import { PartsHead, PlanPart } from "../model/plan-part.ts";
import { partOf } from "../plan/plan-hash.ts";
import type { KnownArchive } from "../source/planned-source.ts";
import type { FilePart } from "../source/source.ts";
import { MAX_STATE_BYTES, partPath, partsHeadPath } from "./layout.ts";

/** The head of the folder's parts; undefined where there are none that can be gone by. */
export async function readHead(folder: string): Promise<PartsHead | undefined> {
  const text = await readPlainFile(partsHeadPath(folder), MAX_STATE_BYTES).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return PartsHead.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Some shards of a plan, as their parts have them. */
export interface Parts {
  /** With all shards' names, the rows of these shards alone, and the hash of the whole. */
  readonly plan: Plan;
  /** What the plan knows of the archives that are read; undefined where the source must be opened. */
  readonly archives: readonly KnownArchive[] | undefined;
}

/** The parts of some shards; undefined where one is not as the head says. */
export async function readParts(
  folder: string,
  head: PartsHead,
  shards: readonly number[],
): Promise<Parts | undefined> {
  const rows: PlannedRow[] = [];
  const archives = new Map<number, KnownArchive>();
  const own = head.plan.shards.map((shard) => ({ ...shard, first: 0, end: 0 }));
  for (const shard of shards) {
    const part = await readPart(folder, head, shard);
    if (!part) return undefined;
    own[shard] = { ...own[shard]!, first: rows.length, end: rows.length + part.rows.length };
    rows.push(...part.rows);
    for (const { archive, files, folders } of part.archives) {
      const before = archives.get(archive);
      const more = { files, folders: folders.map(unpacked) };
      archives.set(archive, before ? joined(before, more) : { ...head.plan.archives[archive]!, ...more });
    }
  }
  const isKnown = head.plan.source.kind === "hub" && (rows.length === 0 || archives.size > 0);
  const plan = partOf({ ...head.plan, rows, shards: own }, head.planHash);
  return { plan, archives: isKnown ? [...archives.values()] : undefined };
}

async function readPart(folder: string, head: PartsHead, shard: number): Promise<PlanPart | undefined> {
  const bytes = await readFile(partPath(folder, shard)).catch(() => undefined);
  if (!bytes || createHash("sha256").update(bytes).digest("hex") !== head.parts[shard]) return undefined;
  const text = await promisify(gunzip)(bytes, { maxOutputLength: MAX_STATE_BYTES });
  return PlanPart.parse(JSON.parse(text.toString("utf8")));
}

function unpacked({ names, numbers, extension, ...folder }: PlanPart["archives"][number]["folders"][number]): Folder {
  return { ...folder, extension, names: Buffer.from(names, "base64"), numbers: Buffer.from(numbers, "base64") };
}

/** A case whose series are in two shards has its folders in both parts. */
function joined(one: KnownArchive, { files, folders }: Pick<KnownArchive, "files" | "folders">): KnownArchive {
  const known = new Set(one.folders.map(keyOf));
  const more = folders.filter((folder) => !known.has(keyOf(folder)));
  return { ...one, folders: [...one.folders, ...more], files: merged(one.files, files) };
}

const keyOf = ({ path, start }: Folder) => `${start} ${path}`;

/** The files of both, with the holes that are left. */
function merged(one: KnownArchive["files"], other: KnownArchive["files"]): KnownArchive["files"] {
  const placed = new Map([...placesOf(one), ...placesOf(other)]);
  const end = one.reduce<number>((sum, part) => sum + (typeof part === "number" ? part : part.byteLength), 0);
  const out: (FilePart | number)[] = [];
  let at = 0;
  // Of empty files and the one behind them, all at one place, those come first.
  const sorted = [...placed.values()].sort((a, b) => a.start - b.start || a.file.byteLength - b.file.byteLength);
  for (const { start, file } of sorted) {
    if (start > at) out.push(start - at);
    out.push(file);
    at = start + file.byteLength;
  }
  if (end > at) out.push(end - at);
  return out;
}

function placesOf(files: KnownArchive["files"]): [string, { readonly start: number; readonly file: FilePart }][] {
  let at = 0;
  return files.flatMap((file): [string, { readonly start: number; readonly file: FilePart }][] => {
    const start = at;
    at += typeof file === "number" ? file : file.byteLength;
    return typeof file === "number" ? [] : [[`${start} ${file.path}`, { start, file }]];
  });
}
