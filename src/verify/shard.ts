import { createHash } from "node:crypto";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Row } from "../model/row.ts";
import { columnsOf, layoutOf } from "../shards/columns.ts";
import { areFeaturesOf } from "../shards/features.ts";
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
  const columns = columnsOf(plan.output);
  const shard = await format.open(file);
  if (shard.rowCount !== receipt.rows) report(`has ${shard.rowCount} rows, its receipt says ${receipt.rows}`);
  if (shard.columns.join() !== columns.join())
    report(`has the columns ${shard.columns.join(", ")}; expected ${columns.join(", ")}`);
  if (!areFeaturesOf(shard.features, columns, layoutOf(plan.output)))
    report("its `huggingface` features are not those of its columns");
  const planned = plan.rows.slice(plan.shards[receipt.shard]!.first, plan.shards[receipt.shard]!.end);
  const expected = new Map(planned.map((row) => [row.id, row]));
  const { output } = plan;
  let at = 0;
  for await (const row of shard.rows()) {
    const where = `${receipt.path} row ${at}`;
    if (row.id !== receipt.ids[at]) report(`is ${row.id}, its receipt says ${receipt.ids[at]}`, where);
    const plan = expected.get(row.id);
    if (!plan) report(`${row.id} is not in this shard's plan`, where);
    else if (plan.split !== row.split || plan.image !== row.image)
      report(`${row.id}: split or image is not the plan's`, where);
    for (const what of rowProblems(row, output, receipt.volumes[at])) report(`${row.id}: ${what}`, where);
    at += 1;
  }
  const seen = [...receipt.ids, ...receipt.rejects.map((reject) => reject.id)].sort();
  if (seen.join("\n") !== [...expected.keys()].sort().join("\n"))
    report("rows and rejects together are not the shard's selection");
  return problems;
}

const BYTES = { float32: 4, float16: 2, uint8: 1 };

/** What can be recomputed from the stored volume: its shape, its bytes' number and hash, a native one's pixel hash. */
function rowProblems(row: Row, output: Plan["output"], expectedSha256: string | undefined): readonly string[] {
  if (output.volume === "none") return row.volume === null ? [] : ["has a volume though none was asked for"];
  if (!row.volume || !row.volume_shape || !row.volume_dtype) return ["has no volume"];
  const problems: string[] = [];
  const native = output.volume === "native";
  const own = [row.slice_count, row.slice_height, row.slice_width];
  const shape = native ? own.map((side) => side ?? 0) : [1, ...output.size];
  const dtype = native ? "uint8" : output.dtype;
  if (row.volume_shape.join() !== shape.join() || row.volume_dtype !== dtype)
    problems.push(`its volume is ${row.volume_dtype} [${row.volume_shape.join()}], not ${dtype} [${shape.join()}]`);
  const byteLength = shape.reduce((product, side) => product * side, BYTES[dtype]);
  if (row.volume.byteLength !== byteLength)
    problems.push(`its volume has ${row.volume.byteLength} bytes, its shape needs ${byteLength}`);
  const sha256 = createHash("sha256").update(row.volume).digest("hex");
  if (sha256 !== expectedSha256) problems.push(`its volume's SHA-256 is ${sha256}, the receipt says ${expectedSha256}`);
  if (native && sha256 !== row.pixels_sha256) problems.push("pixels_sha256 is not its volume's");
  return problems;
}
