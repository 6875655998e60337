import type { Plan } from "../model/plan.ts";
import { type ColumnName, columnsOf, columnTypes } from "../shards/columns.ts";

const meanings: Readonly<Record<ColumnName, string>> = {
  id: "collection / case / series folder, as the source spells it",
  image: "the split file's `image`: the key of M3D-VQA and of the authors' code",
  collection: "ct_case or ct_quizze",
  case_id: "unique within its collection",
  series: "the series' folder",
  plane: "axial, coronal, sagittal, or null",
  phase: "from the series' name, or null",
  split: "train, validation, test; null for a series that the split file does not name",
  subsets: "test100, test500, test1k: the nested test lists that hold it",
  split_by_case: "one split for all series of a case",
  report: "cleaned exactly as the authors' script does",
  report_source: "study_findings, discussion or whole_text: where the report was found",
  report_raw: "the case's text.txt",
  report_sections: "the parts of text.txt",
  vqa: "M3D-VQA's questions on this series",
  volume: "C order, little endian",
  volume_shape: "its sides",
  volume_dtype: "float32, float16 or uint8",
  slices: "the source's own slices, in order",
  preview: "a montage of slices",
  slice_count: "slices in the volume",
  slice_height: "pixels",
  slice_width: "pixels",
  slices_dropped: "left out for their size or damage",
  crop_box: "[z0, z1, y0, y1, x0, x1], half open, in kept slices",
  intensity_range: "[min, max] of the 8-bit stack",
  pixels_sha256: "of the kept 8-bit stack",
  source_file: "archive of the source",
  source_revision: "commit of the source",
  shard: "in the index: the shard that holds the row",
  row: "in the index: its place there",
};

export function columnTable({ output }: Plan): string {
  const columns = columnsOf(output);
  const lines = columns.map((name) => `| \`${name}\` | ${columnTypes[name]} | ${meanings[name]} |`);
  return `| column | type | |\n|---|---|---|\n${lines.join("\n")}`;
}

/** How to read it with `datasets`, pandas, DuckDB and torch. */
export function loading(plan: Plan, repository: string): string {
  const split = plan.shards[0]?.split ?? "unlisted";
  const arrow = plan.output.format === "arrow";
  const files = `hf://datasets/${repository}/data/${split}-*.parquet`;
  const others = `
\`\`\`python
import pandas as pd

index = pd.read_parquet("hf://datasets/${repository}/index.parquet")   # light: filter here, then fetch rows
\`\`\`

\`\`\`sql
-- DuckDB; for a private data set: CREATE SECRET (TYPE huggingface, PROVIDER credential_chain);
SELECT id, plane, phase, report FROM '${arrow ? `hf://datasets/${repository}/index.parquet` : files}' WHERE plane = 'axial';
\`\`\`
`;
  return `## Loading

\`\`\`python
from datasets import load_dataset

rows = load_dataset("${repository}", split="${split}", streaming=True)   # or without streaming
\`\`\`
${others}${plan.output.volume === "none" ? "" : tensors(plan, repository, split)}`;
}

function tensors({ output }: Plan, repository: string, split: string): string {
  const same =
    output.volume === "native"
      ? "The kept slices as a tensor [D, H, W]:"
      : `With torch, the tensors of the authors' \`CapDataset\` (its \`val_transform\` is \`ToTensor\` alone)${output.dtype === "float32" ? "" : ", as near as the smaller type allows"}:`;
  const scale = output.volume === "m3d" && output.dtype === "uint8" ? " / 255" : "";
  return `
${same}

\`\`\`python
import numpy as np, torch
from datasets import load_dataset

class CapRows(torch.utils.data.Dataset):
    def __init__(self, split):
        self.rows = load_dataset("${repository}", split=split).select_columns(["volume", "volume_shape", "volume_dtype", "report"])
    def __len__(self):
        return len(self.rows)
    def __getitem__(self, at):
        row = self.rows[at]
        volume = np.frombuffer(row["volume"], row["volume_dtype"]).reshape(row["volume_shape"])
        return {"image": torch.from_numpy(volume.astype(np.float32)${scale}), "text": row["report"]}

item = CapRows("${split}")[0]   # image: float32 ${output.volume === "native" ? "[D, H, W]" : `[1, ${output.size.join(", ")}]`}
\`\`\`
`;
}

/** Whose data this is. Must stay on the card whatever else is changed. */
export const notices = `## Sources and rights

The images and reports of M3D-Cap were collected by its authors from [Radiopaedia](https://radiopaedia.org). They remain
the property of Radiopaedia and of the contributors of the cases, under
[Radiopaedia's licence](https://radiopaedia.org/licence), which does not allow every use or redistribution, whatever a data
set's card says. Ask Radiopaedia before you redistribute them or use them commercially. Not for diagnosis.

If you use this data set, cite the authors of M3D:

\`\`\`bibtex
@misc{bai2024m3d,
  title={M3D: Advancing 3D Medical Image Analysis with Multi-Modal Large Language Models},
  author={Fan Bai and Yuxin Du and Tiejun Huang and Max Q.-H. Meng and Bo Zhao},
  year={2024},
  eprint={2404.00578},
  archivePrefix={arXiv},
  primaryClass={cs.CV}
}
\`\`\`
`;
