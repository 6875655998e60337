import type { CatalogueEntry } from "../catalogue/catalogue.ts";
import { EtlError } from "../errors.ts";
import { planeAndPhase } from "../m3d-cap/series-name.ts";
import type { Listed } from "../m3d-cap/split-file.ts";
import type { Selection } from "../model/selection.ts";

/** A few of many values tell what is wrong with them. */
const NAMED = 5;

/** Throws a usage error that names every value of the selection which names nothing, neither in the source nor in its lists. */
export function checkSelection(
  { splits, collections, cases, planes, phases, exclude }: Selection,
  listed: readonly Listed[],
  entries: readonly CatalogueEntry[],
): void {
  const wanted = { split: splits, collection: collections, case: cases, plane: planes, phase: phases, exclude };
  if (Object.values(wanted).every((values) => values.length === 0)) return;
  const known = knownValues(listed, entries);
  const lines = Object.entries(wanted).flatMap(([flag, values]) => {
    const unknown = values.filter((value) => !known[flag as keyof typeof wanted].has(value.toLowerCase()));
    if (unknown.length === 0) return [];
    const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : "";
    return [`--${flag} ${unknown.slice(0, NAMED).join(", ")}${more}`];
  });
  if (lines.length > 0)
    throw new EtlError(
      "usage",
      `${lines.join("; ")}: named nothing in this source; check the spelling, or see its index`,
    );
}

function knownValues(listed: readonly Listed[], entries: readonly CatalogueEntry[]) {
  const known = {
    split: new Set<string>(),
    collection: new Set<string>(),
    case: new Set<string>(),
    plane: new Set<string>(),
    phase: new Set<string>(),
    exclude: new Set<string>(),
  };
  const add = (
    key: { readonly collection: string | null; readonly caseId: string; readonly caseName: string },
    series: string,
  ) => {
    const { plane, phase } = planeAndPhase(series);
    if (key.collection) known.collection.add(key.collection);
    known.case.add(key.caseId).add(key.caseName.toLowerCase());
    if (plane) known.plane.add(plane);
    if (phase) known.phase.add(phase.toLowerCase());
    known.exclude.add(`${key.caseName}/${series}`.toLowerCase());
  };
  for (const { key, image, split, subsets } of listed) {
    for (const name of [split, ...subsets]) known.split.add(name);
    known.exclude.add(image.toLowerCase());
    if (key) add(key, key.name);
  }
  for (const entry of entries) add(entry, entry.series);
  return known;
}
