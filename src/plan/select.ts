import type { CatalogueEntry } from "../catalogue/catalogue.ts";
import type { IndexReport } from "../catalogue/index-source.ts";
import type { FaultKind } from "../errors.ts";
import { planeAndPhase } from "../m3d-cap/series-name.ts";
import type { Listed } from "../m3d-cap/split-file.ts";
import type { PlannedRow, Reject } from "../model/plan.ts";
import type { Selection } from "../model/selection.ts";

/** A series of the selection that was found, with its place in the official lists. */
export interface Chosen {
  readonly entry: CatalogueEntry;
  readonly image: string | null;
  readonly split: string | null;
  readonly subsets: readonly string[];
}

/** What the split file and the index say of each other, before any condition is applied. */
export interface Joined {
  readonly chosen: readonly Chosen[];
  readonly rejects: readonly Reject[];
}

/**
 * Split file × index, under the selection's conditions: every listed series is chosen or rejected with a reason.
 * A series that is absent may lie in an archive that cannot be read; each of these is a reject of its own.
 */
export function select(
  listed: readonly Listed[],
  duplicates: readonly string[],
  { entries, unreadable: unread }: Pick<IndexReport, "entries" | "unreadable">,
  selection: Selection,
): Joined {
  const find = finder(entries);
  const chosen: Chosen[] = [];
  const unreadable = unread.map(({ path }) => path);
  const rejects: Reject[] = unread.map(({ path, detail }) => reject(path, null, null, "unreadable-archive", detail));
  const named = new Set<CatalogueEntry>();
  const matches = matcher(selection);
  for (const { image, key, split, subsets } of listed) {
    const entry = key && find(`${key.caseName}/${key.name}`);
    // Two strings may name one series; two rows of the same bytes would be one too many.
    const again = entry !== undefined && named.has(entry);
    if (entry) named.add(entry);
    if (!inLists(selection, split, subsets)) continue;
    const id = entry?.id ?? (key ? `${key.caseName}/${key.name}` : image);
    if (!matches(entry ?? { ...key, series: key?.name ?? "" }, id)) continue;
    if (again)
      rejects.push(reject(id, image, split, "duplicate-row", `${image}: names ${id} again; its first place counts`));
    else if (entry?.fault) rejects.push(reject(id, image, split, entry.fault.kind, entry.fault.detail));
    else if (entry) chosen.push({ entry, image, split, subsets });
    else if (!key)
      rejects.push(
        reject(
          id,
          image,
          split,
          "missing-series",
          `${image}: names no series; M3D_Cap_npy/<collection>/<case>/<series>.npy is expected`,
        ),
      );
    else rejects.push(absent(id, image, split, unreadable));
  }
  const byImage = duplicates.length > 0 ? new Map(listed.map((row) => [row.image, row])) : undefined;
  for (const image of duplicates) {
    const row = byImage!.get(image)!;
    if (inLists(selection, row.split, row.subsets) && matches({ ...row.key, series: row.key?.name ?? "" }, image))
      rejects.push(
        reject(image, image, row.split, "duplicate-row", `${image}: named more than once; its first place counts`),
      );
  }
  if (selection.unlisted) addUnlisted(entries, named, matches, chosen, rejects);
  return { chosen, rejects };
}

/** What can be kept as native stacks: arrays are no longer what they were made from. */
export function withSlices({ chosen, rejects }: Joined): Joined {
  const arrays = chosen.filter(({ entry }) => entry.isArray);
  const why = "only its finished array is there; --volume m3d reads it";
  const more = arrays.map(({ entry: { id }, image, split }) => reject(id, image, split, "no-slices", `${id}: ${why}`));
  return { chosen: chosen.filter(({ entry }) => !entry.isArray), rejects: [...rejects, ...more] };
}

/** Series by output name. Versions of Unidecode differ in the spaces that they set (`½` is " 1/2" or " 1/2 "). */
function finder(entries: readonly CatalogueEntry[]): (name: string) => CatalogueEntry | undefined {
  const named = new Map(entries.map((entry) => [`${entry.caseName}/${entry.name}`, entry]));
  let squeezed: ReadonlyMap<string, CatalogueEntry> | undefined;
  return (name) => {
    const found = named.get(name);
    if (found || !name.includes(" ")) return found;
    squeezed ??= new Map([...named].map(([own, entry]) => [own.replaceAll(" ", ""), entry]));
    return squeezed.get(name.replaceAll(" ", ""));
  };
}

function addUnlisted(
  entries: readonly CatalogueEntry[],
  named: ReadonlySet<CatalogueEntry>,
  matches: Matches,
  chosen: Chosen[],
  rejects: Reject[],
): void {
  for (const entry of entries) {
    if (named.has(entry) || !matches(entry, entry.id)) continue;
    if (entry.fault) rejects.push(reject(entry.id, null, null, entry.fault.kind, entry.fault.detail));
    else
      chosen.push({
        entry,
        image: entry.collection && `M3D_Cap_npy/${entry.caseName}/${entry.name}.npy`,
        split: null,
        subsets: [],
      });
  }
}

function inLists({ splits }: Selection, split: string, subsets: readonly string[]): boolean {
  return splits.length === 0 || splits.some((wanted) => wanted === split || subsets.includes(wanted));
}

/** Whether a row of a plan is in a selection too: its lists and conditions, not its numbers. */
export function isSelected(selection: Selection): (row: PlannedRow) => boolean {
  const matches = matcher(selection);
  return (row) => inLists(selection, row.split ?? "", row.subsets) && matches(row, row.id);
}

type Matches = (
  found: { readonly collection?: string | null; readonly caseId?: string; readonly series: string },
  id: string,
) => boolean;

/** The conditions on a series itself; lists of cases and exclusions may be as long as the data set. */
function matcher({ collections, planes, phases, ...selection }: Selection): Matches {
  const [cases, exclude] = [new Set(selection.cases), new Set(selection.exclude)];
  const oneOf = (wanted: readonly string[], value: string | null | undefined) =>
    wanted.length === 0 || wanted.some((text) => text.toLowerCase() === value?.toLowerCase());
  const isAny = planes.length === 0 && phases.length === 0;
  const hasName = (series: string) => {
    const { plane, phase } = planeAndPhase(series);
    return oneOf(planes, plane) && oneOf(phases, phase);
  };
  return ({ collection, caseId, series }, id) =>
    oneOf(collections, collection) &&
    (cases.size === 0 || cases.has(caseId ?? "") || cases.has(`${collection}/${caseId}`)) &&
    (isAny || hasName(series)) &&
    !exclude.has(id);
}

function reject(id: string, image: string | null, split: string | null, reason: FaultKind, detail: string): Reject {
  return { id, image, split, reason, detail };
}

function absent(id: string, image: string, split: string, unreadable: readonly string[]): Reject {
  return unreadable.length === 0
    ? reject(id, image, split, "missing-series", `${id}: in the split file, in no archive`)
    : reject(id, image, split, "unreadable-archive", `${id}: in no readable archive; may lie in ${someOf(unreadable)}`);
}

/** The first few, and how many more: each absent series names them. */
function someOf(paths: readonly string[]): string {
  const [shown, more] = [paths.slice(0, 3).join(", "), paths.length - 3];
  return more > 0 ? `${shown} or ${more} more` : shown;
}
