import type { Directory, Folder, Member } from "../archive/archive-format.ts";
import { allMembers } from "../archive/folders.ts";
import { type Place, placeOf } from "../m3d-cap/member-path.ts";
import { type SliceName, sliceNumber } from "../m3d-cap/slice-number.ts";

/** The authors' script writes every `.txt` of a case; the split file names only this one. */
export const isReport = ({ kind, file }: Place) => kind === "case" && file === "text.txt";

/** Where a folder's files belong, unless their own names forbid it. */
export const placeOfFolder = (above: string, { path }: Folder) => placeOf(above, `${path}0.jpeg`);

export interface PlacedFile {
  readonly member: Member;
  /** Undefined for a file whose name has no place. */
  readonly place: Place | undefined;
  /** Undefined for what is not a slice. */
  readonly slice: Exclude<SliceName, { readonly ignored: true }> | undefined;
}

/** The one rule by which a directory's members are slices, reports or neither: for the index and for reading alike. */
export function* placedFiles(folders: readonly Folder[], above: string): Generator<PlacedFile> {
  for (const member of allMembers({ folders })) {
    const place = placeOf(above, member.path);
    const name = place?.kind === "series" ? sliceNumber(place.file) : undefined;
    yield { member, place, slice: name && !("ignored" in name) ? name : undefined };
  }
}

/** Folders of an archive by case: what reading a case needs, without looking at any other. */
export function foldersByCase({ folders }: Directory, above: string): ReadonlyMap<string, readonly Folder[]> {
  const found = new Map<string, Folder[]>();
  for (const folder of folders) {
    const place = placeOfFolder(above, folder);
    if (!place) continue;
    const before = found.get(place.caseName);
    if (before) before.push(folder);
    else found.set(place.caseName, [folder]);
  }
  return found;
}
