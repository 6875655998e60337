import { createHash } from "node:crypto";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Row } from "../model/row.ts";
import { columnsFor, features } from "../shards/columns.ts";
import type { ShardFormat } from "../shards/shard-format.ts";
import type { Problem } from "./problem.ts";

/** Reads a shard back, every column of every row, and holds it against its plan and its receipt. */
export async function verifyShard(
  file: string,
  receipt: Receipt,
  plan: Plan,
  format: ShardFormat,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const report = (what: string, where = receipt.path) => problems.push({ where, what });
  const { volume, slices, preview } = plan.output;
  const columns = columnsFor({ volume: volume !== "none", slices, preview });
  const shard = await format.open(file);
  if (shard.rowCount !== receipt.rows) report(`has ${shard.rowCount} rows, its receipt says ${receipt.rows}`);
  if (shard.columns.join() !== columns.join())
    report(`has the columns ${shard.columns.join(", ")}; expected ${columns.join(", ")}`);
  if (JSON.stringify(shard.features) !== JSON.stringify(features(columns)))
    report("its `huggingface` features are not those of its columns");
  const planned = plan.rows.slice(plan.shards[receipt.shard]!.first, plan.shards[receipt.shard]!.end);
  const expected = new Map(planned.map((row) => [row.id, row]));
  let at = 0;
  for await (const row of shard.rows()) {
    const where = `${receipt.path} row ${at}`;
    if (row.id !== receipt.ids[at]) report(`is ${row.id}, its receipt says ${receipt.ids[at]}`, where);
    const plan = expected.get(row.id);
    if (!plan) report(`${row.id} is not in this shard's plan`, where);
    else if (plan.split !== row.split || plan.image !== row.image)
      report(`${row.id}: split or image is not the plan's`, where);
    for (const what of rowProblems(row, volume)) report(`${row.id}: ${what}`, where);
    at += 1;
  }
  const seen = [...receipt.ids, ...receipt.rejects.map((reject) => reject.id)].sort();
  if (seen.join("\n") !== [...expected.keys()].sort().join("\n"))
    report("rows and rejects together are not the shard's selection");
  return problems;
}

const BYTES = { float32: 4, float16: 2, uint8: 1 };

/** What can be recomputed from a row alone: the volume's size for its shape, and a native volume's pixel hash. */
function rowProblems(row: Row, volume: Plan["output"]["volume"]): readonly string[] {
  if (volume === "none") return row.volume === null ? [] : ["has a volume though none was asked for"];
  if (!row.volume || !row.volume_shape || !row.volume_dtype) return ["has no volume"];
  const problems: string[] = [];
  const expected = row.volume_shape.reduce((product, side) => product * side, BYTES[row.volume_dtype]);
  if (row.volume.byteLength !== expected)
    problems.push(`volume has ${row.volume.byteLength} bytes, its shape needs ${expected}`);
  if (volume === "native") {
    const sides = [row.slice_count, row.slice_height, row.slice_width].join();
    if (row.volume_shape.join() !== sides)
      problems.push(`volume_shape is ${row.volume_shape.join()}, the slices are ${sides}`);
    if (createHash("sha256").update(row.volume).digest("hex") !== row.pixels_sha256)
      problems.push("pixels_sha256 is not the volume's");
  }
  return problems;
}
