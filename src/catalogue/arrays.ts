import type { Member } from "../archive/archive-format.ts";
import { memoryBytesOf } from "../archive/folders.ts";
import { coalesce } from "../archive/ranges.ts";
import type { Fault } from "../errors.ts";
import type { Place } from "../m3d-cap/member-path.ts";
import { transliterate } from "../m3d-cap/transliterate.ts";
import { seriesId } from "../model/series.ts";
import type { CatalogueEntry } from "./catalogue.ts";

type ArrayPlace = Extract<Place, { readonly series: string }>;

/** Series of one archive that come as the authors' finished arrays, a file each beside the case's report. */
export class FoundArrays {
  private readonly byPath = new Map<string, CatalogueEntry>();
  private readonly archive: number;
  constructor(archive: number) {
    this.archive = archive;
  }

  /** An array that cannot be read has no member, but a fault. */
  add(place: ArrayPlace, path: string, found: Member | Fault): void {
    const { collection, caseId, caseName, series, bad } = place;
    const id = seriesId(place);
    const members = "kind" in found ? [] : [found];
    let fault = "kind" in found ? found : undefined;
    if (bad) fault ??= { kind: bad.kind, detail: `${path}: ${bad.why}` };
    if (this.byPath.has(path)) fault ??= { kind: "name-collision", detail: `${path}: twice in the archive` };
    this.byPath.set(path, {
      ...{ collection, caseId, caseName, series, id, name: transliterate(series), archive: this.archive },
      casePath: path.slice(0, path.lastIndexOf("/") + 1),
      // Another folder may have an array of this name: this one alone is meant.
      isApart: true,
      isArray: true,
      slices: 1,
      storedBytes: memoryBytesOf(members),
      extents: coalesce(members),
      report: [],
      fault,
    });
  }

  get entries(): readonly CatalogueEntry[] {
    return [...this.byPath.values()];
  }
}
