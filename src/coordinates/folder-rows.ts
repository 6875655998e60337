import type { Directory, Folder } from "../archive/archive-format.ts";
import { checkNumbers, checksumsOf, withChecksums, withoutChecksums } from "../archive/checksums.ts";
import { membersOf } from "../archive/folders.ts";
import { placeOfFolder } from "../catalogue/case-files.ts";
import { isUsual } from "../catalogue/catalogue.ts";
import { planeAndPhase } from "../m3d-cap/series-name.ts";
import type { IndexColumnName } from "../model/coordinates.ts";
import { seriesId } from "../model/series.ts";
import type { Chosen } from "../plan/select.ts";

/** Folders of so few members are a case's reports and the like, which planning looks at one by one. */
const FEW_MEMBERS = 64;

export type FolderRow = Readonly<Record<IndexColumnName, unknown>>;
/** An archive, as far as its rows tell of it. */
export interface RowsOf {
  readonly path: string;
  readonly above: string;
}

/** A folder as a row of the index; `listed` are the series by id that the split file names, and those it does not. */
export function toRow(folder: Folder, { path, above }: RowsOf, listed: ReadonlyMap<string, Chosen>): FolderRow {
  const members = membersOf(folder);
  const place = placeOfFolder(above, folder);
  const series = place?.kind === "series" ? place.series : null;
  const id = place && series !== null ? seriesId({ ...place, series }) : null;
  const found = id === null ? undefined : listed.get(id);
  const { plane, phase } = series === null ? { plane: null, phase: null } : planeAndPhase(series);
  const sum = (size: (member: (typeof members)[number]) => number) =>
    BigInt(members.reduce((total, member) => total + size(member), 0));
  const methods = [...new Set(members.map(({ method }) => method))];
  return {
    archive: path,
    path: folder.path,
    id,
    collection: place?.collection ?? null,
    case_id: place?.caseId ?? null,
    series,
    plane,
    phase,
    image: found?.image ?? null,
    split: found?.split ?? null,
    subsets: found?.subsets ?? [],
    count: folder.count,
    start: BigInt(folder.start),
    end: BigInt(folder.end),
    stored_bytes: sum(({ storedBytes }) => storedBytes),
    bytes: sum(({ byteLength }) => byteLength),
    memory_bytes: BigInt(folder.memoryBytes),
    method: methods.length > 1 ? "mixed" : (methods[0] ?? "store"),
    extension: folder.extension ?? null,
    is_gapless: folder.isGapless,
    few: folder.count <= FEW_MEMBERS && !isUsual(folder) ? fewOf(folder) : null,
    names: folder.names,
    crc32: checksumsOf(members),
    layout: withoutChecksums(folder.numbers, folder.count),
  };
}

function fewOf({ names, numbers }: Folder): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(names.byteLength);
  return Buffer.concat([length, names, numbers]);
}

/** What planning reads of a row. */
export const planned = [
  "path",
  "count",
  "start",
  "end",
  "memory_bytes",
  "extension",
  "is_gapless",
  "few",
] as const satisfies readonly IndexColumnName[];
export const packed = ["names", "crc32", "layout"] as const satisfies readonly IndexColumnName[];
export type Cells = Readonly<Record<string, unknown>>;
const NOTHING = new Uint8Array(0);

/** A row as the folder that it was made of, without its members where they are not `few`. */
export function toFolder(cells: Cells): Folder {
  const few = cells["few"] as Uint8Array | null;
  const cut = few ? 4 + Buffer.from(few).readUInt32LE() : 0;
  return {
    path: String(cells["path"]),
    count: Number(cells["count"]),
    start: Number(cells["start"]),
    end: Number(cells["end"]),
    memoryBytes: Number(cells["memory_bytes"]),
    extension: (cells["extension"] as string | null) ?? undefined,
    isGapless: cells["is_gapless"] === true,
    names: few?.subarray(4, cut) ?? NOTHING,
    numbers: few?.subarray(cut) ?? NOTHING,
  };
}

/** The same with its members, from the packed columns. */
export function withMembers(folder: Folder, cells: Cells): Folder {
  const [names, checksums, layout] = packed.map((name) => cells[name] as Uint8Array);
  return { ...folder, names: names!, numbers: withChecksums(layout!, checksums!, folder.count) };
}

/** Whether planning can do without the members that are not there. */
export const isPlannable = (folder: Folder) => folder.numbers.byteLength > 0 || isUsual(folder);

/** Throws a RangeError where a folder's members cannot be those of an archive of so many bytes. */
export function checkFolders({ folders }: Directory, byteLength: number): void {
  for (const folder of folders) {
    const { path, count, start, end, names, extension, numbers } = folder;
    const isSound = start >= 0 && start <= end && end <= byteLength && count >= 0;
    if (!isSound) throw new RangeError(`${path}: lies outside the archive`);
    if (numbers.byteLength === 0) continue;
    checkNumbers(numbers, count);
    const lines = names.byteLength === 0 && extension !== undefined ? count : linesOf(names, count);
    if (lines !== count) throw new RangeError(`${path}: ${lines} names of ${count} members`);
    let reached = 0;
    for (const member of membersOf(folder)) {
      if (!(member.start >= reached && member.end >= member.start && member.end <= end && member.storedBytes >= 0))
        throw new RangeError(`${member.path}: lies outside its folder, or over another member`);
      reached = member.start;
    }
  }
}

/** No name holds a line's end: it would be escaped. */
function linesOf(names: Uint8Array, count: number): number {
  if (count === 0) return 0;
  let lines = 1;
  for (const byte of names) if (byte === 0x0a) lines += 1;
  return lines;
}
