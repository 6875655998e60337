import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Plan } from "../../src/model/plan.ts";
import type { Row } from "../../src/model/row.ts";
import { planOf } from "../../src/output/output-folder.ts";
import { columnsOf } from "../../src/shards/columns.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { findPython, runPython } from "../python.ts";
import { measured } from "./child.ts";
import { measuredSource } from "./measured-source.ts";

// What a codec costs and gives, in one run: bytes of the same rows, CPU of writing them, and rows a second and CPU of reading
// them by pyarrow, beside np.load of the same arrays. Of real CT where it lies beside the checkout, else of phantoms.

const ROUNDS = 3;
const codecs = ["none", "snappy", "lz4", "zstd", "gzip"] as const;
const parquet = shardFormat("parquet", "hyparquet-writer");
const python = findPython(["numpy", "pyarrow"]);
if (python === undefined) throw new Error("PYTHON has no numpy and pyarrow: nothing can be read");

const folder = mkdtempSync(path.join(tmpdir(), "codecs-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const source = await measuredSource(folder);

for (const dtype of ["float32", "uint8"]) {
  const [out, files] = [path.join(folder, dtype), path.join(folder, `${dtype}-codecs`)];
  const args = ["convert", source, "--out", out, "--unlisted", "--quiet", "--dtype", dtype, "--codec", "none"];
  await measured(args, { VOXSHARD_CACHE: path.join(folder, "cache") });
  const plan = await planOf(out);
  mkdirSync(files);
  const writeCpuMs: Record<string, number> = {};
  for (const codec of codecs)
    writeCpuMs[codec] = await leastCpu(out, plan, codec, path.join(files, `${codec}.parquet`));
  const run = await runPython(python, ["scripts/codecs.py", files]);
  if (run.code !== 0) throw new Error(run.text);
  const lines = run.text.trim().split("\n");
  const table = lines.map((line) => JSON.parse(line)).map((one) => ({ ...one, writeCpuMs: writeCpuMs[one.name] }));
  console.log(`${dtype}, ${plan.rows.length} rows of ${source.startsWith(folder) ? "phantoms" : "real CT"}`);
  console.table(table);
  console.log(JSON.stringify({ dtype, table }));
  rmSync(out, { recursive: true });
  rmSync(files, { recursive: true });
}

/** Milliseconds a row; the file is what the last round wrote. */
async function leastCpu(out: string, plan: Plan, codec: (typeof codecs)[number], file: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(file, { force: true });
    let rows = 0;
    let reading = 0;
    async function* counted(): AsyncGenerator<Row> {
      const each = rowsOf(out, plan);
      for (;;) {
        const before = process.cpuUsage();
        const { value, done } = await each.next();
        const { user, system } = process.cpuUsage(before);
        reading += user + system;
        if (done) return;
        rows += 1;
        yield value;
      }
    }
    const { rowGroupBytes } = plan.output;
    const before = process.cpuUsage();
    await parquet.write(file, counted(), { columns: columnsOf(plan.output), rowGroupBytes, codec });
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system - reading) / 1000 / rows);
  }
  return Number(least.toFixed(1));
}

async function* rowsOf(out: string, plan: Plan): AsyncGenerator<Row> {
  for (const { path: name } of plan.shards) yield* (await parquet.open(path.join(out, name))).rows();
}
