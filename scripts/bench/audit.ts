import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { gather } from "../../src/audit/gather.ts";
import { voxelsOf } from "../../src/audit/measure/voxels.ts";
import { folderRows } from "../../src/audit/read-rows.ts";
import { Spool } from "../../src/audit/spool.ts";
import { Arena } from "../../src/kernels/arena.ts";
import { measured } from "./child.ts";

// What looking at every series costs beside reading the same columns of the same shards and doing nothing with them: CPU of
// a process, the two in turn, median against median, a process for each kind of volume that shards have. Of shards that hold
// encoded slices alone, decoding them counts as reading: nothing can be seen of them without.

const LEAST_ROUNDS_MS = 20_000;
const SHAPE = { slices: 200, height: 512, width: 512 };
const kinds = {
  "native uint8": ["--volume", "native"],
  "m3d float32": [],
  "m3d float16": ["--dtype", "float16"],
  "m3d uint8": ["--dtype", "uint8"],
  "slices, decoded": ["--volume", "none", "--slices"],
};

const [shards] = process.argv.slice(2);
if (shards === undefined) await all();
else console.log(JSON.stringify(await compared(shards)));

async function all(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "audit-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const [repo, out] = [path.join(folder, "repo"), path.join(folder, "out")];
  await writePhantomRepo(repo, { archives: 2, casesPerArchive: 5, seriesPerCase: 2, ...SHAPE });
  const table: object[] = [];
  for (const [kind, flags] of Object.entries(kinds)) {
    const args = ["convert", repo, "--out", out, "--unlisted", "--quiet", ...flags];
    await measured(args, { VOXSHARD_CACHE: path.join(folder, "cache") });
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), out], { encoding: "utf8" });
    table.push({ kind, ...JSON.parse(stdout) });
    rmSync(out, { recursive: true });
  }
  console.table(table);
  console.log(JSON.stringify(table));
}

async function compared(out: string) {
  let series = 0;
  const [reads, audits]: [number[], number[]] = [[], []];
  const started = performance.now();
  while (performance.now() - started < LEAST_ROUNDS_MS) {
    reads.push(await spent(async () => (series = await readAlone(out))));
    audits.push(await spent(() => gathered(out)));
  }
  const [readMs, auditMs] = [median(reads), median(audits)];
  const each = (ms: number) => Number((ms / series).toFixed(2));
  return {
    series,
    readMs: each(readMs),
    auditMs: each(auditMs),
    onTop: `${Math.round(100 * (auditMs / readMs - 1))} %`,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

async function spent(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function rowsOf(out: string) {
  return (await folderRows(out, { most: null, seed: 0 })).rows;
}

async function readAlone(out: string): Promise<number> {
  const arena = new Arena();
  let count = 0;
  for await (const row of await rowsOf(out)) {
    if (!row.volume) await voxelsOf(row, arena);
    count += 1;
  }
  return count;
}

async function gathered(out: string): Promise<void> {
  const spool = await Spool.at(path.join(tmpdir(), `spool-${process.pid}`));
  await gather(await rowsOf(out), { spool });
  await spool.close();
}
