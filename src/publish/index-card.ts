import { stringify } from "yaml";
import { indexColumns } from "../model/coordinates.ts";
import type { SourceKind } from "../model/source-kind.ts";
import { notices } from "./card-text.ts";

/** What an index's card tells of it. */
export interface IndexFacts {
  readonly tool: string;
  readonly source: { readonly kind: SourceKind; readonly id: string; readonly revision: string };
  readonly archives: number;
  readonly members: number;
  /** Of all archives. */
  readonly archiveBytes: number;
  /** Series by list, as a copy that is whole has them. */
  readonly lists: Readonly<Record<string, number>>;
  /** A series of it, for the snippets. */
  readonly example: string | undefined;
}

const count = (number: number, noun: string) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** The README of a published index: what it is, why it may be shared, how it is used and read. Equal facts give the same bytes. */
export function indexCard(facts: IndexFacts, repository: string): string {
  const { source, archives, members, archiveBytes, lists, tool } = facts;
  const name = source.id.split("/").at(-1);
  const front = {
    pretty_name: `Index of the archives of ${name}`,
    license: "other",
    license_name: "coordinates-only",
    ...(source.kind === "hub" && { source_datasets: [source.id.split("/").slice(0, 2).join("/")] }),
    tags: ["medical", "radiology", "3d", "ct", "index", "voxshard"],
    configs: [
      { config_name: "archives", default: true, data_files: [{ split: "archives", path: "archives.parquet" }] },
    ],
  };
  const origin =
    source.kind === "hub"
      ? `\`${source.id}\` at commit \`${source.revision}\``
      : `\`${source.id}\`${source.kind === "local" ? ", a local copy" : ""} (content fingerprint \`${source.revision}\`)`;
  const file = `datasets/${repository}/archives.parquet`;
  const listed = Object.entries(lists).map(([list, series]) => `| ${list} | ${series.toLocaleString("en")} |`);
  return `---
${stringify(front)}---
# Index of the archives of ${name}

**No picture and no text of a report is in it**: only where in ${count(archives, "archive")} each of ${count(members, "file")} lies, its size and its
CRC-32. That is why it can be shared where the data itself cannot. Made by ${tool} of ${origin}: ${archiveBytes.toLocaleString("en")} bytes.

| list | series |
|---|---|
${listed.join("\n")}

## What it is for

\`\`\`sh
voxshard check   ./my-copy --index ${repository} --deep          # is a copy whole and right? what is missing, list by list
voxshard plan    SOURCE --index ${repository} --split test       # without reading the archives' directories: three requests
voxshard convert SOURCE --index ${repository} --split test --out out
\`\`\`

SOURCE is the same archives anywhere: on a Hub, on a mirror, or a part of them in a folder. An archive that is not the
index's, by its size, its directory or its members' CRC-32, is named.

## Reading it

A row is a folder of an archive; those of a series' slices have its \`id\`. The light columns can be read by Range:

\`\`\`python
import duckdb, polars as pl, pyarrow.dataset as ds
from huggingface_hub import HfFileSystem

hub = HfFileSystem()   # with your token, where the data set is private
data = ds.dataset("${file}", filesystem=hub, format="parquet")

by_duckdb = duckdb.sql("SELECT archive, count(id), sum(stored_bytes) FROM data WHERE split = 'test' GROUP BY archive").fetchall()
test = pl.scan_pyarrow_dataset(data).filter(pl.col("split") == "test")
by_polars = test.group_by("archive").agg(pl.len(), pl.col("stored_bytes").sum()).collect()
by_pyarrow = data.to_table(columns=["archive", "id", "count", "stored_bytes"], filter=ds.field("split") == "test")
\`\`\`
${facts.example === undefined ? "" : checksums(facts.example, file)}
| column | |
|---|---|
${columnLines()}

The key-value metadata has the archives (\`voxshard.index\`, JSON: sizes, SHA-256 where a Hub told it, the hash of each one's own directory) and
the source's files and lists (\`voxshard.listing\`, gzipped JSON in base64).

${notices}`;
}

function checksums(id: string, file: string): string {
  return `
The CRC-32 of each of a series' slices, in order of place:

\`\`\`python
import pyarrow.dataset as ds
from huggingface_hub import HfFileSystem

data = ds.dataset("${file}", filesystem=HfFileSystem(), format="parquet")
[row] = data.to_table(columns=["count", "crc32"], filter=ds.field("id") == ${JSON.stringify(id)}).to_pylist()
checksums = memoryview(row["crc32"]).cast("I").tolist()   # on a machine that is little endian, as nearly all are
\`\`\`
`;
}

const columnLines = () =>
  Object.entries(indexColumns)
    .map(([name, { meaning }]) => `| \`${name}\` | ${meaning} |`)
    .join("\n");
