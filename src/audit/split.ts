import { listsSha256 } from "../m3d-cap/certified-lists.ts";
import type { SplitFile } from "../m3d-cap/split-file.ts";
import type { Certificate } from "../model/certificate.ts";
import { type Split, splits, subsets } from "../model/split.ts";
import { seededHash } from "../plan/plan-shards.ts";
import { toolName } from "../plan/tool-version.ts";
import { isLeak } from "./detectors.ts";
import type { SeriesFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { grouped } from "./grouped.ts";
import { UnionFind } from "./union-find.ts";

export interface SplitOptions {
  readonly seed: number;
  /** An official list that stays as it is: what belongs with it is taken out of the others. */
  readonly keep: Split | null;
}
export type CertifiedLists = SplitFile & { readonly certificate: Certificate };

const RULE =
  "all series of a case, and of cases that share a volume or a report, are in one list; those that the official lists part go, largest first, where the largest part is missing; what belongs with a kept list is in no other";

/** Lists in which nothing that belongs together is parted, as near to the official ones in content and size as that allows. */
export function proposeSplit(
  all: readonly SeriesFacts[],
  findings: readonly Finding[],
  { seed, keep }: SplitOptions,
): CertifiedLists {
  const units = unitsOf(all, findings);
  const official = (name: Split) => units.flat().filter(({ split }) => split === name).length;
  const sizes = new Map(splits.map((name) => [name, official(name)] as const).filter(([, size]) => size > 0));
  const placed = new Map<SeriesFacts, Split>();
  const lacking = new Map(sizes);
  const put = (unit: readonly SeriesFacts[], name: Split) => {
    for (const series of unit) placed.set(series, name);
    lacking.set(name, lacking.get(name)! - unit.length);
  };
  const isParted = (unit: readonly SeriesFacts[]) => unit.some(({ split }) => split !== unit[0]!.split);
  const parted = units.filter(isParted);
  for (const unit of units) if (!isParted(unit)) put(unit, unit[0]!.split as Split);
  for (const unit of inOrder(parted, seed)) {
    const kept = unit.filter(({ split }) => split === keep);
    if (kept.length > 0) put(kept, keep!);
    else
      put(
        unit,
        neediest(
          [...lacking].filter(([name]) => name !== keep).map(([name, lacks]) => [name, lacks / sizes.get(name)!]),
        ),
      );
  }
  const lists = listsOf([...placed].sort(([a], [b]) => (a.id < b.id ? -1 : 1)));
  const moved = [...placed].filter(([{ split }, name]) => split !== name).length;
  const dropped = units.flat().length - placed.size;
  const counted = (of: (name: Split) => number) =>
    Object.fromEntries([...sizes.keys()].map((name) => [name, of(name)]));
  const certificate = {
    rule: RULE,
    tool: toolName(),
    ...{ seed, keep, clusters: units.length, parted: parted.length, moved, dropped },
    official: counted(official),
    proposed: counted((name) => lists[name]?.length ?? 0),
    sha256: listsSha256(lists),
  };
  return { ...lists, certificate };
}

/** Listed series by what must not be parted; a case is never parted, whatever was found of its series. */
function unitsOf(all: readonly SeriesFacts[], findings: readonly Finding[]): readonly (readonly SeriesFacts[])[] {
  const places = new Map(all.map(({ id }, at) => [id, at]));
  const joined = new UnionFind(all.length);
  const join = ([first, ...others]: readonly string[]) => {
    for (const id of others) joined.join(places.get(first!)!, places.get(id)!);
  };
  for (const [, series] of grouped(all, ({ caseKey }) => caseKey)) join(series.map(({ id }) => id));
  for (const finding of findings) if (isLeak(finding)) join(finding.ids);
  const isListed = ({ split, image }: SeriesFacts) => image !== null && splits.some((name) => name === split);
  const listed = [...all.entries()].filter(([, series]) => isListed(series));
  return [...grouped(listed, ([at]) => String(joined.rootOf(at))).values()].map((unit) => unit.map(([, one]) => one));
}

/** Largest first; those of a size as the seed draws them. */
function inOrder(units: readonly (readonly SeriesFacts[])[], seed: number) {
  const names = new Map(units.map((unit) => [unit, unit.map(({ id }) => id).sort()[0]!]));
  const place = (unit: readonly SeriesFacts[]) => seededHash(seed, names.get(unit)!);
  return [...units].sort((a, b) => b.length - a.length || place(a) - place(b));
}

/** The list that lacks the largest part of its official size. */
const neediest = (lacking: readonly (readonly [Split, number])[]): Split =>
  lacking.reduce((best, one) => (one[1] > best[1] ? one : best))[0];

function listsOf(placed: readonly (readonly [SeriesFacts, Split])[]): SplitFile {
  const row = ({ image }: SeriesFacts) => ({ image: image!, text: image!.replace(/[^/]+$/, "text.txt") });
  const lists: SplitFile = {};
  for (const name of ["train", "validation", "test"] as const) {
    const own = placed.filter(([, split]) => split === name);
    if (own.length > 0) lists[name] = own.map(([series]) => row(series));
  }
  for (const name of subsets) {
    const own = placed.filter(([series, split]) => split === "test" && series.subsets?.includes(name));
    if (own.length > 0) lists[name] = own.map(([series]) => row(series));
  }
  return lists;
}
