import { type IndexReport, indexSource } from "../catalogue/index-source.ts";
import { placeOf } from "../m3d-cap/member-path.ts";
import { listedSeries } from "../m3d-cap/split-file.ts";
import type { IndexedArchive } from "../model/coordinates.ts";
import { Selection } from "../model/selection.ts";
import { seriesId } from "../model/series.ts";
import { type Chosen, select } from "../plan/select.ts";
import type { Archive } from "../source/source.ts";
import type { ArchiveIndex } from "./archive-index.ts";

/** Series of a list that are held, of those that the whole data set has. */
export interface Held {
  readonly held: number;
  readonly of: number;
}
export interface Coverage {
  /** By split, then by the lists inside test; series that no list names are `unlisted`. */
  readonly lists: Readonly<Record<string, Held>>;
  /** Of each archive by its path, how many series of each list lie in it. */
  readonly byArchive: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** The first series, where there is any. */
  readonly example: string | undefined;
}

/** What of the data set's lists there is in the archives of these paths, but for series with a member that is not whole. */
export async function coverage(
  index: ArchiveIndex,
  whole: ReadonlySet<string>,
  bad: ReadonlyMap<string, readonly string[]>,
  signal?: AbortSignal,
): Promise<Coverage> {
  const { archives } = index.head;
  const all = await chosenOf(index, archives, signal);
  const held = archives.filter(({ path }) => whole.has(path));
  const isWhole = wholeSeries(held, bad);
  const there = (held.length === archives.length ? all : await chosenOf(index, held, signal)).filter(isWhole);
  const [of, have] = [tally(all), tally(there)];
  const lists = Object.fromEntries(Object.entries(of).map(([name, of]) => [name, { held: have[name] ?? 0, of }]));
  const byArchive = new Map<string, Chosen[]>();
  for (const one of all) {
    const { path } = archives[one.entry.archive]!;
    if (!byArchive.get(path)?.push(one)) byArchive.set(path, [one]);
  }
  return {
    lists,
    byArchive: new Map([...byArchive].map(([path, chosen]) => [path, tally(chosen)])),
    example: all[0]?.entry.id,
  };
}

/** Series that a plan of these archives would have as rows. */
async function chosenOf(index: ArchiveIndex, archives: readonly IndexedArchive[], signal: AbortSignal | undefined) {
  const { id, revision } = index.head.source;
  const source = { name: id, revision, unread: [], archives: archives.map((one) => asArchive(one, index)) };
  const report: IndexReport = await indexSource(source, { signal });
  const { listed, duplicates } = listedSeries(index.splitFile ?? {});
  return select(listed, duplicates, report, Selection.parse({ unlisted: true })).chosen;
}

/** An archive of which there is no more than its directory. */
function asArchive(indexed: IndexedArchive, index: ArchiveIndex): Archive {
  const nothing = () => {
    throw new RangeError("there is no archive");
  };
  return {
    ...{ path: indexed.path, above: indexed.above, byteLength: indexed.byteLength, contentId: "", cacheable: true },
    format: { name: indexed.format, accepts: () => false, directory: nothing, extract: () => new Uint8Array(0) },
    bytes: { name: indexed.path, byteLength: indexed.byteLength, read: nothing },
    known: {
      outline: (signal) => index.outline(indexed, { signal }),
      whole: (signal) => index.whole(indexed, { signal }),
      doubt: () => {},
    },
  };
}

/** False for a series of which a slice or the report is not whole. */
function wholeSeries(archives: readonly IndexedArchive[], bad: ReadonlyMap<string, readonly string[]>) {
  const names = new Set<string>();
  for (const { path, above } of archives)
    for (const member of bad.get(path) ?? []) {
      const place = placeOf(above, member);
      if (place) names.add(place.kind === "case" ? place.caseName : seriesId(place));
    }
  return ({ entry: { id, caseName } }: Chosen) => !names.has(id) && !names.has(caseName);
}

function tally(chosen: readonly Chosen[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { split, subsets } of chosen)
    for (const name of [split ?? "unlisted", ...subsets]) found[name] = (found[name] ?? 0) + 1;
  return found;
}
