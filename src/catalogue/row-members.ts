import { createHash } from "node:crypto";
import type { Member } from "../archive/archive-format.ts";
import { allMembers } from "../archive/folders.ts";
import { NO_CRC } from "../archive/loose.ts";
import type { PlannedRow } from "../model/plan.ts";
import { caseNameOf } from "../model/series.ts";
import type { Archive } from "../source/source.ts";
import { isReport, placedFiles, placeOfFolder } from "./case-files.ts";
import type { Cases } from "./directories.ts";

/** An archive's directory by case, and what its members are told by where they have no checksum. */
export interface Held {
  readonly above: string;
  readonly cases: Cases;
  readonly files: Archive["files"] | undefined;
  readonly stampOf: Archive["stampOf"] | undefined;
}

/**
 * What tells a row's bytes from others, wherever they lie: a hash of its slices' names, sizes and CRC-32s and of its
 * report's, or of their files' own ids (of a local tree, sizes and times) where there is no CRC-32.
 */
export async function contentOf(row: PlannedRow, heldAt: (archive: number) => Promise<Held>): Promise<string> {
  const held = await heldAt(row.archive);
  const caseName = caseNameOf(row);
  const { casePath = "", reportFrom } = row;
  const folders = (held.cases.get(caseName) ?? []).filter((folder) => {
    const place = placeOfFolder(held.above, folder);
    return folder.path.startsWith(casePath) && (place?.kind !== "series" || place.series === row.series);
  });
  const lines: string[] = [];
  for (const { member, place, slice } of placedFiles(folders, held.above)) {
    if (!place) continue;
    const isReportHere = isReport(place) && !reportFrom;
    const isOwn = row.array ? place.kind === "array" && place.series === row.series : slice !== undefined;
    if (isReportHere || isOwn) lines.push(`${isReportHere ? "report" : place.file} ${idOf(member, held, caseName)}`);
  }
  if (reportFrom) {
    const other = await heldAt(reportFrom.archive);
    const member = memberAt(reportFrom.path, other);
    if (member) lines.push(`report ${idOf(member, other, caseName)}`);
  }
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}

/** A report that lies apart from its slices; the last one where its archive has several of the name. */
function memberAt(path: string, { cases }: Held): Member | undefined {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const folders = [...cases.values()].flat().filter((one) => one.path === folder);
  return allMembers({ folders }).findLast((one) => one.path === path);
}

function idOf(member: Member, { files, stampOf }: Held, caseName: string): string {
  const { byteLength, crc32, start } = member;
  if (crc32 !== NO_CRC) return `${byteLength} ${crc32}`;
  return `${byteLength} ${stampOf?.(caseName) ?? filesByStart(files).get(start) ?? ""}`;
}

const starts = new WeakMap<NonNullable<Archive["files"]>, ReadonlyMap<number, string>>();

/** The ids of an archive's files by where each begins; of empty ones, which begin where the next does, none. */
function filesByStart(files: Archive["files"] = []): ReadonlyMap<number, string> {
  let found = starts.get(files);
  if (!found) {
    let at = 0;
    const entries = files.flatMap(({ byteLength, contentId }) => {
      at += byteLength;
      return byteLength > 0 ? [[at - byteLength, contentId] as const] : [];
    });
    starts.set(files, (found = new Map(entries)));
  }
  return found;
}
