import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isFault } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { OpenShard, ShardFormat } from "../shards/shard-format.ts";
import type { Problem } from "./problem.ts";
import { verifyShard } from "./shard.ts";

/** What verification needs to know of a folder; `run/` gathers it. */
export interface Verifiable {
  readonly folder: string;
  readonly plan: Plan;
  /** One a shard, in order; undefined where there is no receipt of this plan. */
  readonly receipts: readonly (Receipt | undefined)[];
  readonly format: ShardFormat;
  readonly index: ShardFormat;
  readonly rejectLines: string;
  readonly sha256OfFile: (file: string) => Promise<string>;
  readonly signal?: AbortSignal | undefined;
  readonly onShard?: ((path: string, done: number, total: number) => void) | undefined;
}

/** Re-reads everything that a conversion left and names what is not as the plan and the receipts say. Empty: all holds. */
export async function verifyFolder(target: Verifiable): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [shard, planned] of target.plan.shards.entries()) {
    target.signal?.throwIfAborted();
    target.onShard?.(planned.path, shard, target.plan.shards.length);
    const receipt = target.receipts[shard];
    if (!receipt) problems.push({ where: planned.path, what: "has no receipt of this plan; run convert again" });
    else if (receipt.path !== planned.path || receipt.of !== target.plan.shards.length)
      problems.push({ where: planned.path, what: "its receipt is another shard's" });
    else problems.push(...(await checkShard(target, receipt)));
  }
  problems.push(...(await strangers(target)));
  if (target.receipts.every((receipt) => receipt !== undefined))
    problems.push(...(await checkSummaries(target, target.receipts)));
  return problems;
}

async function checkShard(
  { folder, plan, format, sha256OfFile }: Verifiable,
  receipt: Receipt,
): Promise<readonly Problem[]> {
  const file = path.join(folder, receipt.path);
  const where = receipt.path;
  const sha256 = await sha256OfFile(file).catch(() => undefined);
  if (sha256 === undefined) return [{ where, what: "is missing or cannot be read; run convert again" }];
  const changed =
    sha256 === receipt.sha256
      ? []
      : [{ where, what: `its SHA-256 is ${sha256}, its receipt says ${receipt.sha256}; run convert again` }];
  try {
    return [...changed, ...(await verifyShard(file, receipt, plan, format))];
  } catch (error) {
    if (isFault(error, "interrupted")) throw error;
    return [...changed, { where, what: `cannot be read as ${format.name}: ${(error as Error).message}` }];
  }
}

/** Files under data/ that no shard of the plan has. */
async function strangers({ folder, plan }: Verifiable): Promise<readonly Problem[]> {
  const known = new Set(plan.shards.map((shard) => shard.path));
  const found = await readdir(path.join(folder, "data"), { recursive: true }).catch(() => []);
  return found
    .map((name) => `data/${name}`)
    .filter((name) => !known.has(name))
    .map((where) => ({ where, what: "belongs to no shard of the plan" }));
}

/** index.parquet and rejects.jsonl against the receipts. */
async function checkSummaries(
  { folder, index, rejectLines }: Verifiable,
  receipts: readonly (Receipt | undefined)[],
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const expected = receipts.flatMap((receipt) => receipt?.ids ?? []);
  const found: string[] = [];
  try {
    const open: OpenShard = await index.open(path.join(folder, "index.parquet"));
    for await (const row of open.rows(["id"])) found.push(row.id);
    if (found.join("\n") !== expected.join("\n"))
      problems.push({
        where: "index.parquet",
        what: `its ${found.length} ids are not those of the shards' ${expected.length} rows`,
      });
  } catch (error) {
    problems.push({ where: "index.parquet", what: `cannot be read: ${(error as Error).message}; run convert again` });
  }
  const lines = await readFile(path.join(folder, "rejects.jsonl"), "utf8").catch(() => undefined);
  if (lines !== rejectLines)
    problems.push({
      where: "rejects.jsonl",
      what: "does not hold the plan's and the receipts' rejects; run convert again",
    });
  return problems;
}
