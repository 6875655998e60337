/** What the list shows, and in which order. Everything stands in the address, so that a link shows the same. */
export interface Query {
  readonly q: string;
  readonly split: string;
  readonly subset: string;
  readonly collection: string;
  readonly plane: string;
  readonly phase: string;
  readonly flagged: string;
  readonly sort: string;
}
export const everything: Query = {
  q: "",
  split: "",
  subset: "",
  collection: "",
  plane: "",
  phase: "",
  flagged: "",
  sort: "",
};
export const filters = ["split", "subset", "collection", "plane", "phase"] as const;
export type Filter = (typeof filters)[number];

type Cells = Readonly<Record<string, unknown>>;
/** How null is called where one chooses. */
const NONE = "(none)";

/** What a row has in a filter's column: of subsets, all of them. */
function valuesOf(row: Cells, filter: Filter): readonly string[] {
  const cell = filter === "subset" ? row["subsets"] : row[filter];
  const values = Array.isArray(cell) ? cell : [cell];
  return values.length === 0
    ? [NONE]
    : values.map((value) => (value === null || value === undefined ? NONE : String(value)));
}

export interface Choice {
  readonly value: string;
  readonly count: number;
}

/** The values of a filter's column with how many rows have each. */
export function choicesOf(rows: readonly Cells[], filter: Filter): readonly Choice[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const value of valuesOf(row, filter)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => (a.value < b.value ? -1 : 1));
}

const quoted = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
/** The words looked for: as given within quotes, else one by one. */
const wordsOf = (q: string) => [...q.matchAll(/"([^"]+)"|(\S+)/g)].map(([, phrase, word]) => phrase ?? word!);
/** Where any of the words stands; undefined where nothing is looked for. */
export function pattern(q: string, flags = "gi"): RegExp | undefined {
  const words = wordsOf(q);
  return words.length > 0 ? new RegExp(words.map(quoted).join("|"), flags) : undefined;
}

/** The rows that meet every condition, sorted. */
export function chosen<R extends Cells>(
  rows: readonly R[],
  query: Query,
  isFlagged: (row: R) => boolean,
): readonly R[] {
  const words = wordsOf(query.q).map((word) => new RegExp(quoted(word), "i"));
  const wanted = filters.filter((name) => query[name] !== "");
  const found = rows.filter(
    (row) =>
      wanted.every((name) => valuesOf(row, name).includes(query[name])) &&
      words.every((word) => word.test(String(row["report"] ?? "")) || word.test(String(row["id"]))) &&
      (query.flagged === "" || isFlagged(row)),
  );
  return query.sort === "" ? found : sorted(found, query.sort);
}

/** By a column's name, or its name after a minus for the other way; rows without a value come last. */
function sorted<R extends Cells>(rows: readonly R[], sort: string): readonly R[] {
  const way = sort.startsWith("-") ? -1 : 1;
  const name = sort.replace(/^-/, "");
  const key = (row: R) => {
    const cell = row[name];
    return Array.isArray(cell) ? cell.join(" ") || null : (cell ?? null);
  };
  const keyed = rows.map((row) => ({ row, key: key(row) as string | number | null }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return a.key === b.key ? 0 : a.key < b.key ? -way : way;
  });
  return keyed.map(({ row }) => row);
}

export interface Route {
  /** Undefined for the list. */
  readonly id: string | undefined;
  /** The slice, from 1; 0 for none in particular. */
  readonly z: number;
  readonly query: Query;
}

export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  const given = new URLSearchParams(search);
  const query = Object.fromEntries(Object.keys(everything).map((name) => [name, given.get(name) ?? ""]));
  const id = path.startsWith("row/") ? path.slice(4).split("/").map(decodeURIComponent).join("/") : undefined;
  return { id, z: Number(given.get("z")) || 0, query: query as unknown as Query };
}

export function formatRoute({ id, z, query }: Route): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  if (z > 0) given.set("z", String(z));
  const search = given.size > 0 ? `?${given}` : "";
  return `#/${id === undefined ? "" : `row/${id.split("/").map(encodeURIComponent).join("/")}`}${search}`;
}
