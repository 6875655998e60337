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
  const lines = Object.entries(wanted).flatMap(([flag, values]) => {
    if (values.length === 0) return [];
    const known = knownValues(flag as keyof typeof wanted, listed, entries);
    const unknown = values.filter((value) => !known.has(value.toLowerCase()));
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

type Named = Pick<CatalogueEntry, "collection" | "caseId" | "caseName" | "series">;

/** What a series answers to, by flag. */
const valuesOf = {
  split: () => [],
  collection: ({ collection }: Named) => [collection],
  case: ({ caseId, caseName }: Named) => [caseId, caseName],
  plane: ({ series }: Named) => [planeAndPhase(series).plane],
  phase: ({ series }: Named) => [planeAndPhase(series).phase],
  exclude: ({ caseName, series }: Named) => [`${caseName}/${series}`],
} as const;

/** In lower case. */
function knownValues(
  flag: keyof typeof valuesOf,
  listed: readonly Listed[],
  entries: readonly CatalogueEntry[],
): ReadonlySet<string | undefined> {
  const known = new Set<string | undefined>();
  const add = (values: readonly (string | null)[]) => {
    for (const value of values) known.add(value?.toLowerCase());
  };
  for (const { key, image, split, subsets } of listed) {
    if (flag === "split") add([split, ...subsets]);
    if (flag === "exclude") add([image]);
    if (key) add(valuesOf[flag]({ ...key, series: key.name }));
  }
  for (const entry of entries) add(valuesOf[flag](entry));
  return known;
}
