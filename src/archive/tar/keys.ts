import type { Member } from "../archive-format.ts";

/** A slice as WebDataset names it: `<folder>/<key>.<number>.<extension>`. */
const SLICE = /^(.*\/)?([^/.]+)\.(\d+\.(?:jpe?g|png))$/i;
const TEXT = /^(.*\/)?([^/.]+)\.txt$/;

/**
 * Gives members that WebDataset's convention names the paths that they would have in M3D-Cap: a key is a series, its
 * numbered images the slices, its text the case's report. Other members keep theirs.
 */
export function seriesOfKeys(members: readonly Member[]): readonly Member[] {
  const keys = new Set<string>();
  for (const { path } of members) {
    const match = SLICE.exec(path);
    if (match) keys.add(`${match[1] ?? ""}${match[2]}`);
  }
  if (keys.size === 0) return members;
  return members.map((member) => {
    const slice = SLICE.exec(member.path);
    if (slice) return { ...member, path: `${slice[1] ?? ""}${slice[2]}/${slice[3]}` };
    const text = TEXT.exec(member.path);
    if (text && keys.has(`${text[1] ?? ""}${text[2]}`)) return { ...member, path: `${text[1] ?? ""}text.txt` };
    return member;
  });
}
