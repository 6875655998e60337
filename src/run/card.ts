import { stringify } from "yaml";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";

/** The data set's README: YAML that the Hub reads, and a text that people do. */
export function dataSetCard(plan: Plan, receipts: readonly Receipt[]): string {
  const bySplit = new Map<string, Receipt[]>();
  for (const receipt of receipts) {
    const split = plan.shards[receipt.shard]!.split ?? "unlisted";
    bySplit.set(split, [...(bySplit.get(split) ?? []), receipt]);
  }
  const files = [...bySplit.keys()].map((split) => ({ split, path: `data/${split}-*` }));
  const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
  const front = {
    license: "other",
    task_categories: ["image-to-text"],
    tags: ["medical", "3d", "ct", "radiology", "voxshard"],
    size_categories: [sizeCategory(rows)],
    configs: [
      { config_name: "default", data_files: files },
      { config_name: "index", data_files: "index.parquet" },
    ],
  };
  const counts = [...bySplit].map(
    ([split, list]) => `| ${split} | ${list.reduce((sum, one) => sum + one.rows, 0)} | ${list.length} |`,
  );
  const rejected = plan.rejects.length + receipts.reduce((sum, one) => sum + one.rejects.length, 0);
  return `---
${stringify(front)}---
# ${plan.source} as columnar shards

3D CT series with their radiology reports, one row a series, made by ${plan.tool} from \`${plan.source}\` at revision
\`${plan.revision}\`. ${rejected} series of the selection could not be made into rows: \`rejects.jsonl\` says which, and why.

| split | rows | files |
|---|---|---|
${counts.join("\n")}

\`\`\`python
from datasets import load_dataset
import numpy as np

rows = load_dataset("parquet", data_files={"test": "data/test-*"}, split="test")
volume = np.frombuffer(rows[0]["volume"], dtype=rows[0]["volume_dtype"]).reshape(rows[0]["volume_shape"])
\`\`\`

The official split is by series: series of one case can be in train and in test.
`;
}

function sizeCategory(rows: number): string {
  const steps: [number, string][] = [
    [1e3, "n<1K"],
    [1e4, "1K<n<10K"],
    [1e5, "10K<n<100K"],
    [1e6, "100K<n<1M"],
  ];
  return steps.find(([limit]) => rows < limit)?.[1] ?? "1M<n<10M";
}
