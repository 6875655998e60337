import { checked } from "./range-file.ts";
import { type Cells, Shards } from "./shards.ts";
import { bytesOf, encodedStack, type Stack, volumeStack } from "./stack.ts";

/** A row of the list: light columns alone. */
export interface ListRow extends Cells {
  readonly id: string;
}
interface Info {
  readonly title: string;
  readonly revision: string;
  readonly kind: "shards" | "archives";
  readonly base: string;
  readonly files: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}
export type Picture = "slices" | "volume";

export interface DataSet {
  readonly info: Info;
  readonly rows: readonly ListRow[];
  /** Every light column of a row. */
  details(row: ListRow): Promise<Cells>;
  /** What pictures a row has, the best first. */
  pictures(row: ListRow): Promise<readonly Picture[]>;
  stack(row: ListRow, picture: Picture): Promise<Stack>;
  thumbnail(row: ListRow): Promise<Blob | undefined>;
}

/** What the list shows, searches and sorts by; of a wide index the rest is read for an open row alone. */
const LIST = [
  ...["id", "collection", "case_id", "series", "plane", "phase", "split", "subsets", "split_by_case", "report"],
  ...["report_source", "slice_count", "slice_height", "slice_width", "slices_dropped", "source_file", "shard", "row"],
  ...["volume_shape", "volume_dtype"],
];

export async function openDataSet(): Promise<DataSet> {
  const info = (await (await checked(await fetch("view.json"), "view.json")).json()) as Info;
  return info.kind === "shards" ? shardSet(info) : archiveSet(info);
}

async function shardSet(info: Info): Promise<DataSet> {
  const shards = new Shards(info.base, info.files);
  const rows = (await shards.rows("index.parquet", LIST)) as ListRow[];
  const places = new Map(rows.map((row, at) => [row, at]));
  const previews = new Map<string, Promise<Cells[]>>();
  const place = ({ shard, row }: ListRow) => ({ path: String(shard), at: Number(row) });
  return {
    info,
    rows,
    async details(row) {
      const at = places.get(row)!;
      return (await shards.rows("index.parquet", undefined, at, at + 1))[0]!;
    },
    async pictures(row) {
      const { path } = place(row);
      const had = await Promise.all(
        (["slices", "volume"] as const).map(async (name) => ((await shards.has(path, name)) ? name : [])),
      );
      return had.flat();
    },
    async stack(row, picture) {
      const { path, at } = place(row);
      const cell = (await shards.rows(path, [picture], at, at + 1))[0]?.[picture];
      if (picture === "slices") {
        const slices = ((cell as unknown[] | null) ?? []).flatMap((slice) => bytesOf(slice) ?? []);
        return encodedStack(slices, Number(row["slice_width"]), Number(row["slice_height"]));
      }
      const bytes = bytesOf(cell);
      if (!bytes) throw new Error("this row has no volume");
      return volumeStack(bytes, row["volume_shape"] as number[], String(row["volume_dtype"]));
    },
    // Neighbours lie in one page, and come into sight together: a row group's previews are one read.
    async thumbnail(row) {
      const { path, at } = place(row);
      if (path.endsWith(".arrow") || !(await shards.has(path, "preview"))) return undefined;
      const [start, end] = await shards.groupOf(path, at);
      const name = `${path} ${start}`;
      let group = previews.get(name);
      if (!group) previews.set(name, (group = shards.rows(path, ["preview"], start, end)));
      group.catch(() => previews.delete(name));
      const bytes = bytesOf((await group)[at - start]?.["preview"]);
      return bytes && new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "image/jpeg" });
    },
  };
}

/** Series that are in archives still: the server reads and sorts out one at a time. */
async function archiveSet(info: Info): Promise<DataSet> {
  const columns = (await (await checked(await fetch("archives.json"), "archives.json")).json()) as Record<
    string,
    unknown[]
  >;
  const names = Object.keys(columns);
  const rows = columns["id"]!.map(
    (_, at) => Object.fromEntries(names.map((name) => [name, columns[name]![at]])) as ListRow,
  );
  let last: { readonly id: string; readonly read: Promise<{ row: Cells; slices: Uint8Array[] }> } | undefined;
  const read = ({ id }: ListRow) => {
    if (last?.id !== id) {
      const reading = seriesOf(id);
      last = { id, read: reading };
      reading.catch(() => (last = undefined));
    }
    return last!.read;
  };
  return {
    info,
    rows,
    async details(row) {
      const found = (await read(row)).row;
      // Once read, its report can be searched.
      Object.assign(row, { report: found["report"], report_source: found["report_source"] });
      return { ...found, stored_bytes: row["stored_bytes"] };
    },
    pictures: async () => ["slices"],
    async stack(row) {
      const { row: found, slices } = await read(row);
      return encodedStack(slices, Number(found["slice_width"]), Number(found["slice_height"]));
    },
    thumbnail: async () => undefined,
  };
}

async function seriesOf(id: string): Promise<{ row: Cells; slices: Uint8Array[] }> {
  const response = await checked(await fetch(`series?id=${encodeURIComponent(id)}`), id);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as { row: Cells; slices: number[] };
  let at = 4 + length;
  return { row: head.row, slices: head.slices.map((size) => bytes.subarray(at, (at += size))) };
}
