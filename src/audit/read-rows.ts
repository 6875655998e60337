import { readdir } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import type { ColumnName } from "../model/columns.ts";
import type { Row } from "../model/row.ts";
import { seededHash } from "../plan/plan-shards.ts";
import { shardFormat } from "../shards/formats.ts";
import type { OpenShard } from "../shards/shard-format.ts";

const SHARD = /^[\w-]+-\d{5,}-of-\d{5,}\.(parquet|arrow)$/;
const needed: readonly ColumnName[] = ["id", "collection", "case_id", "split", "pixels_sha256"];
/** What an audit has no use for. */
const unused: readonly ColumnName[] = [
  "series",
  "report_sections",
  "vqa",
  "crop_box",
  "source_file",
  "source_revision",
];

/** The shards of a folder, in order; none where it holds no conversion. */
export async function shardsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(path.join(folder, "data")).catch(() => []);
  return names.filter((name) => SHARD.test(name)).sort();
}

export interface Sample {
  /** So many series of each split; all without it. */
  readonly most: number | null;
  readonly seed: number;
}

/** Rows, and how many there are. */
export interface CountedRows {
  readonly count: number;
  readonly rows: AsyncIterable<Row>;
}

/** The rows of a folder's shards, in order, with the columns that an audit looks at. */
export async function folderRows(folder: string, { most, seed }: Sample): Promise<CountedRows> {
  const shards: OpenShard[] = [];
  for (const name of await shardsIn(folder)) {
    const file = path.join(folder, "data", name);
    const shard = await shardFormat(name.endsWith(".arrow") ? "arrow" : "parquet", "hyparquet-writer").open(file);
    const absent = needed.filter((column) => !shard.columns.includes(column));
    if (absent.length > 0)
      throw new EtlError("not-verified", `${file}: no shard of this project: it has no column ${absent.join(", ")}`);
    shards.push(shard);
  }
  const chosen = most === null ? undefined : await sampleOf(shards, most, seed);
  const count = chosen?.size ?? shards.reduce((sum, { rowCount }) => sum + rowCount, 0);
  return { count, rows: rowsOf(shards, chosen) };
}

async function* rowsOf(shards: readonly OpenShard[], chosen: ReadonlySet<string> | undefined): AsyncGenerator<Row> {
  for (const shard of shards) {
    const columns = (shard.columns as ColumnName[]).filter((name) => !unused.includes(name));
    for await (const row of shard.rows(columns)) if (!chosen || chosen.has(row.id)) yield row;
  }
}

/** The same series for the same seed, and a larger sample holds the smaller one. */
async function sampleOf(shards: readonly OpenShard[], most: number, seed: number): Promise<ReadonlySet<string>> {
  const bySplit = new Map<string | null, string[]>();
  for (const shard of shards)
    for await (const { id, split } of shard.rows(["id", "split"])) {
      const ids = bySplit.get(split);
      if (ids) ids.push(id);
      else bySplit.set(split, [id]);
    }
  const sampled = (ids: readonly string[]) =>
    ids
      .map((id) => ({ id, place: seededHash(seed, id) }))
      .sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1))
      .slice(0, most);
  return new Set([...bySplit.values()].flatMap((ids) => sampled(ids).map(({ id }) => id)));
}
