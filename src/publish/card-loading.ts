import type { Plan } from "../model/plan.ts";
import { layoutOf } from "../shards/columns.ts";
import { wholeSubsets } from "./card-front.ts";

const python = (code: string) => `\`\`\`python\n${code.trim()}\n\`\`\`\n`;

/** What the snippets are written with. */
interface Words {
  readonly plan: Plan;
  readonly repository: string;
  /** A split that is there, and where its files are. */
  readonly split: string;
  readonly files: string;
  /** The first of the nested lists that can be loaded by themselves. */
  readonly subset: string | undefined;
}

/** How to read it: `datasets`, torch, then the readers of single columns. A test runs each of these blocks as it stands. */
export function loading(plan: Plan, repository: string): string {
  const split = plan.shards[0]?.split ?? "unlisted";
  const files = `datasets/${repository}/data/${split}-*.${plan.output.format === "parquet" ? "parquet" : "arrow"}`;
  const words = { plan, repository, split, files, subset: wholeSubsets(plan)[0] };
  return `## Loading

${python(withDatasets(words))}${plan.output.volume === "none" ? "" : `\n${tensors(words)}`}
The index alone is light: filter there, then fetch rows. \`image\` is no picture: it is the split file's name of the series, by
which M3D-VQA and the authors' code know it.

${python(`
import pandas as pd

index = pd.read_parquet("hf://datasets/${repository}/index.parquet")
axial = index[index.plane == "axial"][["id", "image", "shard", "row"]]   # which row of which file
`)}
${
  plan.output.format === "arrow-stream"
    ? `Each file is mapped into memory as it is:\n\n${python(mapped(words))}`
    : `DuckDB, polars and pyarrow read columns and rows by Range:\n\n${python(byRange(words))}`
}`;
}

function withDatasets({ plan, repository, split, subset }: Words): string {
  const { format, order } = plan.output;
  const lists = wholeSubsets(plan).slice(1).join(", ");
  const short = `short = load_dataset("${repository}", "${subset}", split="test")   # ${lists === "" ? "a" : `${lists} likewise: each a`} part of test`;
  const axial =
    format !== "parquet"
      ? `axial = rows.filter(lambda plane: plane == "axial", input_columns="plane")`
      : `# The card counts all rows, so a part of them needs no_checks:
axial = load_dataset("${repository}", split="${split}", filters=[("plane", "=", "axial")], verification_mode="no_checks")`;
  return `
from datasets import load_dataset

rows = load_dataset("${repository}", split="${split}", streaming=True)   # or without streaming
${subset ? `${short}\n` : ""}${axial}
${order === "shuffle" ? "# The shards are shuffled already, and w" : "# W"}hat is in the buffer is held in memory: 64 rows of float32 have taken 2 GB.
mixed = rows.shuffle(seed=0, buffer_size=8)
`;
}

/** A shuffle of `datasets` 5 draws from ten files at once: two workers that share fewer than this are one. */
const FEW_FILES = 20;

function tensors({ plan, repository, split, subset }: Words): string {
  const { output } = plan;
  const native = output.volume === "native";
  const same = native
    ? "The kept slices as a tensor [D, H, W]:"
    : `With torch, the tensors of the authors' \`CapDataset\` (its \`val_transform\` is \`ToTensor\` alone)${output.dtype === "float32" ? "" : ", as near as the smaller type allows"}:`;
  const cell = layoutOf(output) === "struct" ? '["bytes"]' : "";
  const scale = !native && output.dtype === "uint8" ? " / 255" : "";
  // Stacks differ in size: they make no batch.
  const batch = native ? "batch_size=None" : "batch_size=4";
  const collate = native ? "tensors" : "lambda rows: default_collate([tensors(row) for row in rows])";
  const few = plan.shards.filter((shard) => (shard.split ?? "unlisted") === split).length < FEW_FILES;
  const input = few ? ", max_buffer_input_shards=1" : "";
  return `${same}

${python(`
import numpy as np, torch
from datasets import load_dataset
from torch.utils.data import DataLoader, Dataset${native ? "" : ", default_collate"}

def tensors(row):
    volume = np.frombuffer(row["volume"]${cell}, row["volume_dtype"]).reshape(row["volume_shape"])
    return {"image": torch.from_numpy(volume.astype(np.float32)${scale}), "text": row["report"] or ""}

class CapRows(Dataset):
    def __init__(self, split, config=None):
        rows = load_dataset("${repository}", config, split=split)
        self.rows = rows.select_columns(["volume", "volume_shape", "volume_dtype", "report"])
    def __len__(self):
        return len(self.rows)
    def __getitem__(self, at):
        return tensors(self.rows[at])

item = CapRows(${subset ? `"test", "${subset}"` : `"${split}"`})[0]   # image: float32 ${native ? "[D, H, W]" : `[1, ${output.size.join(", ")}]`}
loader = DataLoader(CapRows("${split}"), ${batch}, shuffle=True, num_workers=2)

# The same without a copy on disk; each worker reads files of its own${few ? " (the last argument is of datasets 5, as is the need for it)" : ""}.
stream = load_dataset("${repository}", split="${split}", streaming=True).shuffle(seed=0, buffer_size=8${input})
streamed = DataLoader(stream, ${batch}, num_workers=2, collate_fn=${collate})
`)}`;
}

/** One data set of pyarrow's serves all three, whichever format the files have. */
function byRange({ plan: { output }, files }: Words): string {
  const inStruct = ["volume.bytes", `pl.col("volume").struct.field("bytes")`, `ds.field("volume", "bytes")`];
  const plain = (name: string) => [name, `"${name}"`, `ds.field("${name}")`];
  const [sql, polars, pyarrow] =
    output.volume === "none" ? plain("report") : layoutOf(output) === "struct" ? inStruct : plain("volume");
  return `
import duckdb, polars as pl, pyarrow.dataset as ds
from huggingface_hub import HfFileSystem

hub = HfFileSystem()   # with your token, where the data set is private
data = ds.dataset(hub.glob("${files}"), filesystem=hub, format="${output.format === "arrow" ? "ipc" : "parquet"}")

by_duckdb = duckdb.sql("SELECT id, ${sql} FROM data WHERE plane = 'axial'").fetchall()
by_polars = pl.scan_pyarrow_dataset(data).filter(pl.col("plane") == "axial").select("id", ${polars}).collect()
columns = {"id": ds.field("id"), "cell": ${pyarrow}}
by_pyarrow = data.to_table(columns, filter=ds.field("plane") == "axial")
`;
}

function mapped({ plan, repository }: Words): string {
  return `
import polars as pl, pyarrow as pa
from datasets import Dataset
from huggingface_hub import hf_hub_download

file = hf_hub_download("${repository}", "${plan.shards[0]?.path}", repo_type="dataset")
by_datasets = Dataset.from_file(file)
by_pyarrow = pa.ipc.open_stream(pa.memory_map(file)).read_all()
by_polars = pl.read_ipc_stream(file)
`;
}
