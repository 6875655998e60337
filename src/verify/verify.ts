import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { isFault } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { IndexRow, Row } from "../model/row.ts";
import type { Sent, VerifiedFolder, VerifiedShard } from "../model/verified.ts";
import { dataBytesOf } from "../shards/data-bytes.ts";
import type { OpenShard, ShardFormat } from "../shards/shard-format.ts";
import { type Lint, lintFile, lintFolder } from "./lint.ts";
import { lintCard } from "./lint-card.ts";
import type { Problem } from "./problem.ts";
import { verifyShard } from "./shard.ts";

/** What verification needs to know of a folder; `run/` gathers it. */
export interface Verifiable {
  readonly folder: string;
  readonly plan: Plan;
  /** One a shard, in order, or what is wrong with it. */
  readonly receipts: readonly (Receipt | string)[];
  readonly format: ShardFormat;
  readonly index: ShardFormat;
  /** What index.parquet should hold, read from the shards. */
  readonly indexRows: AsyncIterable<IndexRow>;
  readonly rejectLines: string;
  /** By shard: what went to a repository. */
  readonly sent?: ReadonlyMap<number, Sent> | undefined;
  readonly sha256OfFile: (file: string) => Promise<string>;
  /** Runs the check of a shard whose file is brought for it. */
  readonly withShard?: ((receipt: Receipt, check: () => Promise<ShardVerdict>) => Promise<ShardVerdict>) | undefined;
  /** Names of all files below data/; without it, as they lie there. */
  readonly dataFiles?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onShard?: ((path: string, done: number, total: number) => void) | undefined;
}

export interface Verdict {
  /** Empty: all holds. */
  readonly problems: readonly Problem[];
  /** What would make the Hub's viewer quicker. */
  readonly advice: readonly Problem[];
  /** What may be published; only where there is no problem. */
  readonly verified: VerifiedFolder | undefined;
}

/** Re-reads everything that a conversion left and names what is not as the plan and the receipts say. */
export async function verifyFolder(target: Verifiable): Promise<Verdict> {
  const problems: Problem[] = [];
  const advice: Problem[] = [];
  const shards: VerifiedShard[] = [];
  for (const [shard, planned] of target.plan.shards.entries()) {
    target.signal?.throwIfAborted();
    target.onShard?.(planned.path, shard, target.plan.shards.length);
    const receipt = target.receipts[shard]!;
    if (typeof receipt === "string") problems.push({ where: planned.path, what: `${receipt}; run convert again` });
    else if (receipt.path !== planned.path || receipt.of !== target.plan.shards.length)
      problems.push({ where: planned.path, what: "its receipt is another shard's" });
    else {
      const check = () => checkShard(target, receipt);
      const found = await (target.withShard ? target.withShard(receipt, check) : check());
      problems.push(...found.problems);
      advice.push(...found.advice);
      if (found.verified) shards.push(found.verified);
    }
  }
  // The index is held against the shards, which therefore must hold.
  const isSound = problems.length === 0;
  problems.push(...(await foreign(target)), ...lintFolder(target.plan.shards));
  const receipts = target.receipts.filter((receipt) => typeof receipt !== "string");
  if (receipts.length === target.plan.shards.length)
    problems.push(...(await checkSummaries(target, receipts, isSound)));
  const { folder, plan } = target;
  const verified = problems.length > 0 ? undefined : ({ folder, plan, receipts, shards } as object as VerifiedFolder);
  return { problems, advice: merged(advice), verified };
}

export interface ShardVerdict extends Lint {
  readonly verified: VerifiedShard | undefined;
}

/** One shard against its receipt and plan. One whose file went after it was sent has held before that. */
export async function checkShard(
  target: Pick<Verifiable, "folder" | "plan" | "format" | "sha256OfFile" | "sent">,
  receipt: Receipt,
): Promise<ShardVerdict> {
  const { folder, plan, format } = target;
  const file = path.join(folder, receipt.path);
  const where = receipt.path;
  const { byteLength, rows, sha256 } = receipt;
  const found = await target.sha256OfFile(file).catch(() => undefined);
  const sent = target.sent?.get(receipt.shard);
  if (found === undefined && sent?.sha256 === sha256) {
    const verified = { file, path: where, byteLength, sha256, rows, dataBytes: sent.dataBytes } as VerifiedShard;
    return { problems: [], advice: [{ where, what: `is only in ${sent.repository}` }], verified };
  }
  if (found === undefined) return failed([{ where, what: "is missing or cannot be read; run convert again" }]);
  const changed =
    found === sha256 ? [] : [{ where, what: `its SHA-256 is ${found}, its receipt says ${sha256}; run convert again` }];
  try {
    const problems = [...changed, ...(await verifyShard(file, receipt, plan, format))];
    const lint = await lintFile(file, where, byteLength, plan.shards[receipt.shard]!.split ?? "unlisted");
    if (problems.length + lint.problems.length > 0) return failed([...problems, ...lint.problems], lint.advice);
    const dataBytes = await dataBytesOf(file);
    const verified = { file, path: where, byteLength, sha256, rows, dataBytes } as VerifiedShard;
    return { problems: [], advice: lint.advice, verified };
  } catch (error) {
    if (isFault(error, "interrupted")) throw error;
    return failed([...changed, { where, what: `cannot be read as ${format.name}: ${(error as Error).message}` }]);
  }
}

const failed = (problems: readonly Problem[], advice: readonly Problem[] = []): ShardVerdict => ({
  problems,
  advice,
  verified: undefined,
});

/** The same advice for many files is given once. */
function merged(advice: readonly Problem[]): readonly Problem[] {
  const first = new Map<string, { problem: Problem; others: number }>();
  for (const problem of advice) {
    const key = problem.remedy ?? problem.what;
    const known = first.get(key);
    if (known) known.others += 1;
    else first.set(key, { problem, others: 0 });
  }
  return [...first.values()].map(({ problem, others }) =>
    others === 0 ? problem : { ...problem, what: `${problem.what} (and ${others} more like it)` },
  );
}

/** Files under data/ that no shard of the plan has. */
async function foreign({ folder, plan, dataFiles }: Verifiable): Promise<readonly Problem[]> {
  const known = new Set(plan.shards.map((shard) => shard.path));
  const found = dataFiles ?? (await readdir(path.join(folder, "data"), { recursive: true }).catch(() => []));
  return found
    .map((name) => `data/${name}`)
    .filter((name) => !known.has(name))
    .map((where) => ({ where, what: "belongs to no shard of the plan; move it elsewhere" }));
}

/** index.parquet and rejects.jsonl against the receipts. */
async function checkSummaries(
  { folder, index, indexRows, rejectLines }: Verifiable,
  receipts: readonly Receipt[],
  isSound: boolean,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  try {
    const file = path.join(folder, "index.parquet");
    const open: OpenShard = await index.open(file);
    const difference = isSound ? await firstDifference(open.rows(), indexRows) : undefined;
    if (difference !== undefined)
      problems.push({
        where: "index.parquet",
        what: `its row ${difference} is not the shards'; run convert again`,
      });
    problems.push(...(await lintFile(file, "index.parquet", (await stat(file)).size, null)).problems);
  } catch (error) {
    problems.push({ where: "index.parquet", what: `cannot be read: ${(error as Error).message}; run convert again` });
  }
  const lines = await readFile(path.join(folder, "rejects.jsonl"), "utf8").catch(() => undefined);
  if (lines !== rejectLines)
    problems.push({
      where: "rejects.jsonl",
      what: "does not hold the plan's and the receipts' rejects; run convert again",
    });
  const readme = await readFile(path.join(folder, "README.md"), "utf8").catch(() => undefined);
  problems.push(...lintCard(readme, [...receipts.map((receipt) => receipt.path), "index.parquet"]));
  return problems;
}

/** The first row in which the two differ, from 0; undefined where they are equal to the end. */
async function firstDifference(found: AsyncIterable<Row>, expected: AsyncIterable<Row>) {
  const text = (row: Row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  const others = expected[Symbol.asyncIterator]();
  let at = 0;
  for await (const row of found) {
    const other = await others.next();
    if (other.done || text(row) !== text(other.value)) return at;
    at += 1;
  }
  return (await others.next()).done ? undefined : at;
}
