import type { Directory, Folder } from "../archive/archive-format.ts";
import { foldersByCase, placeOfFolder } from "../catalogue/case-files.ts";
import type { Plan, PlannedRow } from "../model/plan.ts";
import { caseNameOf } from "../model/series.ts";
import type { Archive } from "../source/source.ts";

/** The folders of an archive that rows are made of: their series', and those that hold their cases' reports. */
export function foldersOf(
  directory: Directory,
  above: string,
  rows: readonly Pick<PlannedRow, "id" | "series">[],
): readonly Folder[] {
  const wanted = new Set(rows.map(({ id }) => id));
  const cases = new Set(rows.map(caseNameOf));
  return directory.folders.filter((folder) => {
    const place = placeOfFolder(above, folder);
    if (!place || !cases.has(place.caseName)) return false;
    return place.kind === "case" || (place.kind === "series" && wanted.has(`${place.caseName}/${place.series}`));
  });
}

/** The rows of a plan that need an archive, for their slices or for a report that lies there. */
export function rowsFrom({ rows }: Plan, archive: number): readonly PlannedRow[] {
  return rows.filter((row) => row.archive === archive || row.reportFrom?.archive === archive);
}

/** What must stand above an archive's members: its own path, unless the folder that the source is tells the collection. */
export function aboveOf(archive: Pick<Archive, "path" | "above">, folders: readonly Folder[]): string {
  const ids = (above: string) => [...foldersByCase({ folders, refused: [] }, above).keys()].sort().join("\n");
  return ids(archive.path) === ids(archive.above) ? archive.path : archive.above;
}
